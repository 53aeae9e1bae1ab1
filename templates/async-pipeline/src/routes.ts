import { httpApi } from "@tenner/worker-kit/http-api";
import type { Hono } from "hono";
import { batchEndpoints } from "./endpoints/batches.ts";
import { eventEndpoints } from "./endpoints/events.ts";
import { itemEndpoints } from "./endpoints/items.ts";
import { pipelineEndpoints } from "./endpoints/pipelines.ts";
import { redriveEndpoints } from "./endpoints/redrive.ts";
import type { HttpEnv } from "./http-env.ts";

/** The HTTP edge. */
export function routes(): Hono<HttpEnv> {
  return httpApi<HttpEnv>({
    name: "async-pipeline",
    title: "Async pipeline",
    description:
      "Many items at once through a pipeline of steps and models. A batch is answered with 202 as soon as its items have arrived; every item ends once, as `done`, as `dead` with the reason and the step, or as `cancelled`.",
    endpoints: [...batchEndpoints, ...redriveEndpoints, ...eventEndpoints, ...itemEndpoints, ...pipelineEndpoints],
  });
}
