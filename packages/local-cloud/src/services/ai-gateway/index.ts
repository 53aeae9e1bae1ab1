import { Hono } from "hono";
import type { Faults } from "../../core/faults.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { Inference } from "../../models/inference.ts";
import { type DataPlane, dataPlane } from "./calls/data-plane.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { localRoutes } from "./local-routes.ts";
import { createGatewayState } from "./state.ts";

export interface AiGatewayOptions {
  readonly faults: Faults;
  readonly inference: Inference;
  /** The API token, as callers of a gateway with authentication show it. */
  readonly token: string;
}

/** AI Gateway, and what the AI binding asks of it. */
export interface AiGatewayService extends Service, Pick<DataPlane, "binding" | "rest"> {}

/** AI Gateway: gateways, dynamic routes, logs, limits, cache, and every way to call a model through them. */
export function aiGateway(ctx: ServiceContext, options: AiGatewayOptions): AiGatewayService {
  const state = createGatewayState(ctx, options);
  const calls = dataPlane(ctx, { ...options, state });
  return {
    name: "ai-gateway",
    binding: calls.binding,
    rest: calls.rest,
    hosts: calls.hosts,
    routes: new Hono().route("/ai-gateway/gateways", gatewayRoutes(state)),
    summaries: (accountId) =>
      state.gateways
        .list(accountId)
        .map(({ id, created_at }) => ({ product: "ai-gateway", id, name: id, createdOn: created_at })),
    localRoutes: localRoutes(ctx, state),
    forget: (accountId) => state.forget(accountId),
    close() {
      calls.close();
      state.close();
    },
  };
}

export { type TestRoutes, testGateways } from "./test-gateways.ts";
