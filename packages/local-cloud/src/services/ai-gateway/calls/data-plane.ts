import type { Hono } from "hono";
import type { Faults } from "../../../core/faults.ts";
import type { Service, ServiceContext } from "../../../core/service.ts";
import type { Inference } from "../../../models/inference.ts";
import type { GatewayState } from "../gateway.ts";
import { answerCache } from "./answer-cache.ts";
import { bindingRoutes } from "./binding-routes.ts";
import { hostListener } from "./host-listener.ts";
import { type RestCalls, restCalls } from "./rest-calls.ts";
import { routeCounters } from "./route-counters.ts";
import { callServer } from "./serve-call.ts";

/** What {@link dataPlane} needs. */
export interface DataPlaneOptions {
  readonly state: GatewayState;
  readonly faults: Faults;
  readonly inference: Inference;
  /** The API token, as callers of a gateway with authentication show it. */
  readonly token: string;
  /** From 0 up to, but not, 1: what percentage elements of routes draw from. @default Math.random */
  readonly random?: () => number;
}

/** Every way to call a model through a gateway. */
export interface DataPlane extends Required<Pick<Service, "hosts">> {
  /** Mounted at `/ai-gateway` of the AI binding's wire. */
  readonly binding: Hono;
  /** Workers AI's REST API through a gateway. */
  readonly rest: RestCalls;
  /** Writes what waits. */
  close(): void;
}

/** The data plane of AI Gateway: one way for all calls, and the entrances to it. */
export function dataPlane(
  ctx: Pick<ServiceContext, "store" | "clock" | "ids">,
  { state, token, ...options }: DataPlaneOptions,
): DataPlane {
  const { clock, ids } = ctx;
  const cache = answerCache(ctx);
  const counters = routeCounters(clock);
  const serve = callServer({ random: Math.random, ...options, state, clock, ids, cache, counters });
  return {
    binding: bindingRoutes(serve, state),
    rest: restCalls(serve),
    hosts: { "gateway.ai.cloudflare.com": hostListener(serve, token) },
    close: () => cache.close(),
  };
}
