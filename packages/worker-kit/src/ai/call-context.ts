import type { NanoDollars } from "../ledger.ts";
import { type OwnPrices, priceOf, type TokenPrice } from "../model-prices.ts";
import type { GatewaySettings } from "../settings.ts";
import { stoppableTimeout } from "../stoppable-timeout.ts";
import { AiError } from "./ai-error.ts";
import type { CallOptions } from "./contract.ts";
import type { GatewayTransport } from "./gateway-transport.ts";
import { type Account, type MeteredCall, meteredCall } from "./metered-call.ts";
import { Refusal } from "./refusal.ts";
import { type CacheUse, type Metadata, requestHeaders } from "./request-headers.ts";
import { sha256 } from "./sha-256.ts";

/** A model with its price, as often as it may be tried, and how long each time. */
export interface PricedModel {
  readonly model: string;
  readonly price: TokenPrice;
  readonly attempts: number;
  readonly timeoutMs: number;
}

/** What all kinds of calls share. */
export interface CallContext {
  readonly gateway: GatewaySettings;
  readonly send: GatewayTransport;
  readonly account: Account;
  readonly metadata: Metadata;
  readonly prices: OwnPrices;
  /** Milliseconds one call may take in all, when the caller set it. */
  readonly timeoutMs: number | undefined;
}

/** Seconds an answer is kept for a repeat of its call: a job's longest deadline. */
const REPEAT_SECONDS = 86_400;

/** The call's time, and the caller's wish to end it. */
export interface CallTime {
  readonly limitMs: number;
  readonly timeout: AbortSignal;
  /** Either of them. */
  readonly signal: AbortSignal;
  /** The call has ended: its time runs no longer. */
  readonly stop: () => void;
}

/** Starts a call's time. */
export function startTime(limitMs: number, { signal }: CallOptions): CallTime {
  signal?.throwIfAborted();
  const { signal: timeout, stop } = stoppableTimeout(limitMs);
  return { limitMs, timeout, signal: signal ? AbortSignal.any([timeout, signal]) : timeout, stop };
}

/** The price of a model that counts tokens. @throws PriceError; RangeError when it makes pictures */
export function tokenPriceOf(model: string, prices: OwnPrices): TokenPrice {
  const price = priceOf(model, prices);
  if (price.unit !== "tokens") throw new RangeError(`${model} makes pictures; it is not priced by tokens`);
  return price;
}

/** The headers of one call, and its reservation, whose end is that of the call's time. @throws AiError */
export async function openCall(
  context: CallContext,
  call: {
    readonly options: CallOptions & { readonly cacheSeconds?: number };
    readonly query: unknown;
    readonly worstCase: NanoDollars;
    readonly time: CallTime;
  },
): Promise<{ metered: MeteredCall; headers: Record<string, string> }> {
  const { options, time } = call;
  try {
    const headers = requestHeaders({
      metadata: context.metadata,
      timeoutMs: time.limitMs,
      cache: await cacheUse(context.account, call.query, options),
    });
    const metered = await meteredCall(context.account, options.callId, call.worstCase, time.limitMs);
    return { metered: endingTime(metered, time), headers };
  } catch (error) {
    time.stop();
    throw error;
  }
}

function endingTime(metered: MeteredCall, time: CallTime): MeteredCall {
  return {
    ...metered,
    settle: (settlement) => {
      time.stop();
      return metered.settle(settlement);
    },
    settleAtWorst: (model) => {
      time.stop();
      return metered.settleAtWorst(model);
    },
    release: () => {
      time.stop();
      return metered.release();
    },
  };
}

/** A repeat finds the answer of its own call only; a shared answer stays within its tenant. */
async function cacheUse(
  { template, tenant }: Account,
  query: unknown,
  { callId, cacheSeconds }: CallOptions & { readonly cacheSeconds?: number },
): Promise<CacheUse | undefined> {
  const question = JSON.stringify(query);
  if (callId !== undefined) {
    return { key: await sha256(["call", template, tenant, callId, question]), seconds: REPEAT_SECONDS };
  }
  if (cacheSeconds === undefined) return undefined;
  return { key: await sha256(["shared", tenant, question]), seconds: cacheSeconds };
}

/**
 * Ends a failed call in the ledger and names its failure.
 *
 * Free is only what was refused in known words before an attempt's time could have run out. Whatever else happened
 * (silence, a broken connection, an answer nobody can read, a caller who left) may have been paid for, so it counts
 * at its worst case at once: waiting for the reservation to expire would come to the same.
 *
 * @param attemptMs the shortest time after which an attempt may have been given up, undefined for a single attempt
 * @returns what to throw
 */
export async function endFailed(
  call: MeteredCall,
  failure: {
    readonly cause: unknown;
    readonly model: string;
    readonly time: CallTime;
    readonly options: CallOptions;
    readonly elapsedMs: number;
    readonly attemptMs: number | undefined;
  },
): Promise<unknown> {
  const { cause, model, time, options, elapsedMs, attemptMs } = failure;
  const refusal = findRefusal(cause);
  const free = refusal?.free === true && (attemptMs === undefined || elapsedMs < attemptMs);
  if (free) await call.release();
  else await call.settleAtWorst(model);
  if (options.signal?.aborted) return options.signal.reason;
  if (refusal) return refusal.error;
  if (cause instanceof AiError) return cause;
  if (time.timeout.aborted) return new AiError("timeout", `no answer within ${time.limitMs} ms`, { cause });
  return new AiError("model_unavailable", `no answer from the gateway: ${reasonOf(cause)}`, { cause });
}

/** The SDK wraps what its `fetch` throws. */
function findRefusal(error: unknown): Refusal | undefined {
  let each = error;
  while (each instanceof Error) {
    if (each instanceof Refusal) return each;
    each = each.cause;
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  return reason instanceof Error ? reason.message : "failed";
}
