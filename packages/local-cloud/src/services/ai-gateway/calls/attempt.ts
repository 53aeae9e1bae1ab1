import { setTimeout as sleep } from "node:timers/promises";
import { AiError, modelTimeout } from "../../../models/ai-error.ts";
import type { Gateway } from "../gateway.ts";
import type { Backoff, CallOptions } from "./call-options.ts";

/** How often and how patiently a model is asked. Times in ms. */
export interface AttemptPolicy {
  /** Attempts in all. */
  readonly attempts: number;
  readonly delay: number;
  readonly backoff: Backoff;
  /** Until the answer must have begun. */
  readonly timeout: number | undefined;
}

const DEFAULT_DELAY = 1000;

/** What the call says, or else the gateway. */
export function attemptPolicy(gateway: Gateway, options: CallOptions): AttemptPolicy {
  return {
    attempts: options.maxAttempts ?? gateway.retry_max_attempts ?? 1,
    delay: options.retryDelay ?? gateway.retry_delay ?? DEFAULT_DELAY,
    backoff: options.backoff ?? gateway.retry_backoff ?? "exponential",
    timeout: options.requestTimeout,
  };
}

/**
 * Asks until an answer begins or the attempts are used up. Errors that another attempt cannot mend are not repeated.
 *
 * @param signal fires when the caller is gone: nothing is repeated then.
 * @throws {Error} the last attempt's.
 */
export async function attempt<Answer>(
  model: string,
  policy: AttemptPolicy,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  for (let number = 1; ; number++) {
    try {
      return await (policy.timeout === undefined ? ask(signal) : inTime(model, policy.timeout, signal, ask));
    } catch (error) {
      if (number >= policy.attempts || signal.aborted || !isPassing(error)) throw error;
      await sleep(pause(policy, number), undefined, { signal });
    }
  }
}

/** Milliseconds before the attempt after number `failed`. */
export function pause({ delay, backoff }: Pick<AttemptPolicy, "delay" | "backoff">, failed: number): number {
  if (backoff === "linear") return delay * failed;
  return backoff === "exponential" ? delay * 2 ** (failed - 1) : delay;
}

/** Only the beginning of an answer is timed: a stream may take as long as it wants. */
async function inTime<Answer>(
  model: string,
  timeout: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = modelTimeout(model);
      reject(error);
      late.abort(error);
    }, timeout);
  });
  try {
    return await Promise.race([ask(AbortSignal.any([signal, late.signal])), expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether another attempt may go better. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof AiError)) return true;
  return error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 501);
}
