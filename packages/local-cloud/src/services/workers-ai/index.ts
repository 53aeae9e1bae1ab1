import { Hono } from "hono";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { Inference } from "../../models/inference.ts";
import { workersAiBackend } from "./backend.ts";
import type { NeuronCounter } from "./neuron-allowance.ts";
import { aiRoutes, type GatewayCalls } from "./routes.ts";

export { neuronAllowance } from "./neuron-allowance.ts";

/** What the cloud passes to {@link workersAi}. */
export interface WorkersAiOptions {
  inference: Inference;
  /** What `inference` counts neurons with. */
  allowance: NeuronCounter;
  /** What the AI binding asks of AI Gateway: mounted at `/ai-gateway` of the binding's wire. */
  gateway: Hono;
  /** Where REST calls go that name a gateway. */
  gatewayCalls: GatewayCalls;
}

/** Workers AI: models behind the AI binding and REST. */
export function workersAi(ctx: ServiceContext, options: WorkersAiOptions): Service {
  const { inference, allowance, gateway, gatewayCalls } = options;
  const newId = () => ctx.ids.uuid();
  return {
    name: "workers-ai",
    routes: new Hono().route("/ai", aiRoutes({ inference, newId, gatewayCalls })),
    backend: workersAiBackend({ inference, newId, gateway }),
    bindings: { ai: () => ({ type: "backend", module: "ai", service: "workers-ai", headers: {} }) },
    forget: (accountId) => allowance.forget(accountId),
    close: () => allowance.close(),
  };
}
