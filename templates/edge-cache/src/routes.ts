import { httpApi } from "@tenner/worker-kit/http-api";
import type { Hono } from "hono";
import { analyticsEndpoints } from "./endpoints/analytics.ts";
import { backendEndpoints } from "./endpoints/backends.ts";
import { chatCompletionEndpoints } from "./endpoints/chat-completions.ts";
import { documentEndpoints } from "./endpoints/documents.ts";
import { embeddingEndpoints } from "./endpoints/embeddings.ts";
import { experimentEndpoints } from "./endpoints/experiments.ts";
import { explainEndpoints } from "./endpoints/explain.ts";
import { feedbackEndpoints } from "./endpoints/feedback.ts";
import { modelEndpoints } from "./endpoints/models.ts";
import { promptEndpoints } from "./endpoints/prompt.ts";
import { purgeEndpoints } from "./endpoints/purge.ts";
import { ragEndpoints } from "./endpoints/rag.ts";
import { statsEndpoints } from "./endpoints/stats.ts";
import type { HttpEnv } from "./http-env.ts";
import { isOpenAiPath, OpenAiError } from "./openai/openai-error.ts";

/** What pages elsewhere may send, OpenAI's client in them included, and read. */
const CROSS_ORIGIN = {
  allowed: [
    "cache-control",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "user-agent",
    "x-cache-semantic",
    "x-cache-tags",
    "x-cache-ttl",
    "x-experiment-subject",
  ],
  exposed: [
    "age",
    "x-cache",
    "x-cache-bypass",
    "x-cache-key",
    "x-cache-shadow",
    "x-cache-similarity",
    "x-cost-usd",
    "x-experiment",
    "x-route",
    "x-route-reason",
    "x-saved-usd",
    "x-should-retry",
    "x-stand-in",
  ],
};

/** The HTTP edge. */
export function routes(): Hono<HttpEnv> {
  return httpApi<HttpEnv>({
    name: "edge-cache",
    title: "Edge cache",
    description:
      "An OpenAI-compatible gateway of one's own: repeated questions are answered from the cache, identical ones at the same moment by one call, and all of them within the budget. Errors on OpenAI's paths have OpenAI's form.",
    pages: { "/": "Try it", "/dashboard": "Dashboard" },
    endpoints: [
      ...chatCompletionEndpoints,
      ...embeddingEndpoints,
      ...modelEndpoints,
      ...purgeEndpoints,
      ...explainEndpoints,
      ...promptEndpoints,
      ...statsEndpoints,
      ...analyticsEndpoints,
      ...experimentEndpoints,
      ...feedbackEndpoints,
      ...backendEndpoints,
      ...documentEndpoints,
      ...ragEndpoints,
    ],
    tokens: true,
    crossOrigin: CROSS_ORIGIN,
    errorForm: (path) => (isOpenAiPath(path) ? { contentType: "application/json", schema: OpenAiError } : undefined),
  });
}
