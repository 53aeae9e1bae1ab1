/**
 * A rule of a gateway's spend limit, in Cloudflare's own names. `metadata` has by key `{mode: "partition"}`, which gives
 * each value a budget of its own, or `{mode: "filter", values}`; `model` and `provider` only the latter.
 */
export interface SpendRule {
  id: string;
  enabled: boolean;
  limitType: "cost";
  /** US dollars. */
  limit: number;
  /** Seconds. */
  window: number;
  technique: "fixed" | "sliding";
  metadata?: unknown;
  model?: unknown;
  provider?: unknown;
}

/** A gateway as the API answers it; fields nobody interprets are kept and given back. */
export interface Gateway {
  id: string;
  authentication: boolean;
  cache_invalidate_on_update: boolean;
  /** Seconds; 0: no cache unless a call asks for one. */
  cache_ttl: number;
  collect_logs: boolean;
  rate_limiting_interval: number;
  rate_limiting_limit: number;
  rate_limiting_technique: "fixed" | "sliding";
  retry_backoff: "constant" | "linear" | "exponential" | null;
  /** ms */
  retry_delay: number | null;
  retry_max_attempts: number | null;
  spend_limits: { enabled: boolean; rules: SpendRule[] } | null;
  created_at: string;
  modified_at: string;
  [field: string]: unknown;
}

/** Where an element's output leads. */
export interface Output {
  elementId: string;
}

/** An element of a dynamic route. @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/ */
export type RouteElement =
  | { id: string; type: "start"; outputs: { next: Output } }
  | {
      id: string;
      type: "conditional";
      properties: { conditions: unknown };
      outputs: { true: Output; false: Output };
    }
  | { id: string; type: "percentage"; properties?: unknown; outputs: Record<string, Output> }
  | {
      id: string;
      type: "rate" | "rate_limit";
      properties: { key?: string | undefined; limit: number; limitType: "count" | "cost"; window: number };
      outputs: { success: Output; fallback: Output };
    }
  | {
      id: string;
      type: "model";
      /** `timeout` in ms; `retries` beside the first attempt. */
      properties: { provider: string; model: string; timeout: number; retries: number };
      outputs: { success: Output; fallback: Output };
    }
  | { id: string; type: "end"; outputs: Record<string, never> };

/** The deployed version of a route. */
export interface Route {
  id: string;
  name: string;
  gatewayId: string;
  elements: RouteElement[];
}

/** One call, as the gateway's log keeps it. Times in ms of the cloud's clock, costs in US dollars. */
export interface LogEntry {
  /** UUIDv7. */
  id: string;
  accountId: string;
  gatewayId: string;
  createdAt: number;
  provider: string;
  model: string;
  modelType: string;
  path: string;
  duration: number;
  statusCode: number;
  success: boolean;
  cached: boolean;
  tokensIn: number;
  tokensOut: number;
  cost: number;
  customCost: boolean;
  metadata: Record<string, string | number | boolean> | null;
  /** The step of a universal request or of a route that answered. */
  step: number;
  requestType: string;
  /** What the call asked for: `dynamic/NAME`, or the model itself. */
  requestModel: string;
  /** The elements of the dynamic route that the call passed, in order, with what happened at each. */
  routePath: { element: string; type: string; outcome: string }[];
  /** JSON or text as sent and received; null when the gateway or the call keeps no payloads. */
  request: string | null;
  response: string | null;
}

/** The state of the gateways, as the data plane needs it. All of it is synchronous and cheap: it is asked at every call. */
export interface GatewayState {
  /** Undefined when the account has none of this id. */
  gateway(accountId: string, id: string): Gateway | undefined;
  /** The active version of the route with this name. */
  route(accountId: string, gatewayId: string, name: string): Route | undefined;
  /**
   * To be told of every call, also of one that is not logged: its cost counts all the same, from now on. A log is written
   * soon after, with others.
   *
   * @param logged whether the call shows in the logs. @default the gateway's `collect_logs`
   */
  record(entry: LogEntry, logged?: boolean): void;
  /** The rule that refuses the call, by what was recorded until now (so a burst can pass it, as at Cloudflare). */
  exceeded(gateway: Gateway, accountId: string, call: SpendCall): SpendRule | undefined;
  /** Counts a call; false when the gateway's rate limit refuses it. */
  admit(gateway: Gateway, accountId: string): boolean;
  log(accountId: string, gatewayId: string, id: string): LogEntry | undefined;
  /** Changes what a log says: `feedback`, `metadata`, `score`. False when there is none. */
  patchLog(accountId: string, gatewayId: string, id: string, patch: Record<string, unknown>): boolean;
}

/** What spend rules look at. */
export interface SpendCall {
  provider: string;
  model: string;
  metadata: Record<string, string | number | boolean> | null;
}
