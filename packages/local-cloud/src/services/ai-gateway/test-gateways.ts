import type { Faults } from "../../core/faults.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Inference } from "../../models/inference.ts";
import { type DataPlane, dataPlane } from "./calls/data-plane.ts";
import type { RouteElement } from "./gateway.ts";
import { NewGateway } from "./gateway-body.ts";
import { createGatewayState } from "./state.ts";

/** Elements of dynamic routes by the routes' names, as the API takes them. */
export type TestRoutes = Readonly<Record<string, readonly unknown[]>>;

/** What {@link testGateways} needs. */
export interface TestGatewaysOptions {
  readonly faults: Faults;
  readonly inference: Inference;
  /** Settings of every gateway, in the API's names. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly routes: TestRoutes;
}

/** The model behind a route that the test did not give. */
const ROUTE_MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";

/** Gateways for Worker tests: the real ones, made with their routes as soon as they are asked for. */
export function testGateways(
  ctx: ServiceContext,
  { faults, inference, settings, routes }: TestGatewaysOptions,
): Pick<DataPlane, "binding" | "close"> {
  const state = createGatewayState(ctx, { faults, inference });
  const make = (accountId: string, id: string) => {
    const gateway = state.gateways.create(accountId, NewGateway.parse({ ...DEFAULTS, ...settings, id }));
    for (const [name, elements] of Object.entries(routes)) state.routes.create(accountId, id, name, elements);
    return gateway;
  };
  const calls = dataPlane(ctx, {
    faults,
    inference,
    // Nobody comes but through the binding, which needs none.
    token: "",
    state: {
      ...state,
      gateway: (accountId, id) => state.gateway(accountId, id) ?? make(accountId, id),
      route: (accountId, gatewayId, name) =>
        state.route(accountId, gatewayId, name) ?? { id: name, name, gatewayId, elements: oneModel() },
    },
  });
  return {
    binding: calls.binding,
    close() {
      calls.close();
      state.close();
    },
  };
}

const DEFAULTS = {
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

const oneModel = (): RouteElement[] => [
  { id: "start", type: "start", outputs: { next: { elementId: "model" } } },
  {
    id: "model",
    type: "model",
    properties: { provider: "workers-ai", model: ROUTE_MODEL, timeout: 60_000, retries: 0 },
    outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
  },
  { id: "end", type: "end", outputs: {} },
];
