import { Hono } from "hono";
import { createFaults, type Faults } from "../../core/faults.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import { createModels, type Models } from "../../models/models.ts";
import { workersAiBackend } from "./backend.ts";
import { aiRoutes } from "./routes.ts";

/** What the cloud passes to {@link workersAi}. */
export interface WorkersAiOptions {
  /** An OpenAI-compatible server that answers instead of the stand-in: `TENNER_UPSTREAM_URL`. */
  upstreamUrl?: string;
  /** The cloud's faults. */
  faults?: Faults;
  /** The models, when AI Gateway shares them. */
  models?: Models;
  /** What the AI binding asks of AI Gateway: mounted at `/ai-gateway` of the binding's wire. */
  gateway?: Hono;
}

/** Workers AI: text models behind the AI binding and REST. */
export function workersAi(ctx: ServiceContext, options: WorkersAiOptions = {}): Service {
  const { upstreamUrl, faults = createFaults(), gateway } = options;
  const models = options.models ?? createModels({ faults, ...(upstreamUrl !== undefined && { upstreamUrl }) });
  const facts = () => ({ id: ctx.ids.uuid(), now: ctx.clock.now() });
  return {
    name: "workers-ai",
    routes: new Hono().route("/ai", aiRoutes(models, facts)),
    backend: workersAiBackend({ models, facts, ...(gateway && { gateway }) }),
    bindings: { ai: () => ({ type: "backend", module: "ai", service: "workers-ai", headers: {} }) },
  };
}
