import { httpApi } from "@tenner/worker-kit/http-api";
import type { Hono } from "hono";
import type { HttpEnv } from "./http-env.ts";

/** The HTTP edge. */
export function routes(): Hono<HttpEnv> {
  return httpApi<HttpEnv>({
    name: "edge-cache",
    title: "Edge cache",
    description: "An OpenAI-compatible gateway of one's own, with a cache in front of the models.",
    endpoints: [],
  });
}
