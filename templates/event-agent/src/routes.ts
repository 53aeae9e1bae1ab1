import { httpApi } from "@tenner/worker-kit/http-api";
import type { Hono } from "hono";
import { hookEndpoints } from "./endpoints/hooks.ts";
import { jobEndpoints } from "./endpoints/jobs.ts";
import type { HttpEnv } from "./http-env.ts";

/** The HTTP edge. */
export function routes(): Hono<HttpEnv> {
  return httpApi<HttpEnv>({
    name: "event-agent",
    title: "Event agent",
    description:
      "One event, one answer of a model. A submission is checked before anything is paid, answered with 202 at once, and worked on in the background until it is `done`, `failed` or `cancelled`.",
    endpoints: [...jobEndpoints, ...hookEndpoints],
  });
}
