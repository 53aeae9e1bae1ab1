import type { LogEntry } from "../gateway.ts";
import type { CallOptions } from "./call-options.ts";

/** Which way a call came: some rules differ. */
export type Entrance = "host" | "binding" | "rest";

/** One thing to try: a provider's endpoint with a body. */
export interface Step {
  readonly provider: string;
  readonly endpoint: string;
  /** The body, parsed. */
  readonly query: unknown;
  /** The body as it was sent, where it came alone. */
  readonly text?: string;
  /** The provider's own key, as sent: part of the cache's key, never stored. */
  readonly key: string | undefined;
  /** The step's own options over those of the call. */
  readonly options: CallOptions;
}

/** A call of a gateway, whichever way it came. */
export interface GatewayCall {
  readonly entrance: Entrance;
  readonly accountId: string;
  readonly gatewayId: string;
  /** Whether the caller showed the account's token, or needs none, as a binding does. */
  readonly authorized: boolean;
  /** Tried in turn until one answers. */
  readonly steps: readonly [Step, ...Step[]];
  /** Fires when the caller is gone. */
  readonly signal: AbortSignal;
}

/** The elements of a route that a call passed, in order. */
export type RoutePath = LogEntry["routePath"];
