import { Hono } from "hono";
import type { Faults } from "../../core/faults.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { Inference } from "../../models/inference.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { localRoutes } from "./local-routes.ts";
import { createGatewayState } from "./state.ts";

export interface AiGatewayOptions {
  readonly faults: Faults;
  readonly inference: Inference;
}

/** AI Gateway, and what the AI binding asks of it. */
export interface AiGatewayService extends Service {
  /** Mounted at `/ai-gateway` of the AI binding's wire. */
  readonly binding: Hono;
}

/** AI Gateway: gateways, dynamic routes, logs, limits, cache, and every way to call a model through them. */
export function aiGateway(ctx: ServiceContext, { faults, inference }: AiGatewayOptions): AiGatewayService {
  const state = createGatewayState(ctx, { faults, inference });
  return {
    name: "ai-gateway",
    binding: new Hono(),
    routes: new Hono().route("/ai-gateway/gateways", gatewayRoutes(state)),
    summaries: (accountId) =>
      state.gateways
        .list(accountId)
        .map(({ id, created_at }) => ({ product: "ai-gateway", id, name: id, createdOn: created_at })),
    localRoutes: localRoutes(ctx, state),
    forget: (accountId) => state.forget(accountId),
    close: () => state.close(),
  };
}
