import type { Backlog, TakenMessage, Totals } from "./message.ts";

/** What a push delivery wants. */
export interface TakeRequest {
  readonly now: number;
  readonly size: number;
  /** How long a batch that is not full waits, in ms after its first message was ready. */
  readonly wait: number;
  /** What came into the queue up to then is too old, ms since 1970. */
  readonly expiredAt: number;
  /** Takes any of those that are ready, not the ones that were ready first. */
  readonly shuffled: boolean;
}

/** A batch, or when to look again. */
export interface Taken {
  readonly messages: readonly TakenMessage[];
  /** Messages that are ready but wait for a batch to fill. */
  readonly ready: number;
  /** When there will be a batch, ms since 1970. Undefined: not before something is sent. */
  readonly nextAt: number | undefined;
  readonly backlog: Backlog;
}

/** What becomes of messages that are not acknowledged. */
export interface RetryRules {
  readonly now: number;
  readonly maxRetries: number;
  /** Id of the dead-letter queue. Undefined: a message without retries left is given up. */
  readonly deadLetterQueue: string | undefined;
}

/** What a consumer did with messages of a push delivery. */
export interface Settlement extends RetryRules {
  readonly acknowledged: readonly number[];
  readonly retried: readonly { sequence: number; readyAt: number; reason: string }[];
  /** Back into the queue as if they had never been delivered. */
  readonly released: readonly number[];
  /** Acknowledged, but delivered once more: a fault. */
  readonly repeated: readonly number[];
}

/** How many messages went where. */
export interface Settled {
  readonly acknowledged: number;
  readonly retried: number;
  readonly deadLettered: number;
  readonly dropped: number;
  /** When the first of the retried ones is ready. */
  readonly nextAt: number | undefined;
}

export interface PullRequest extends RetryRules {
  readonly size: number;
  /** Milliseconds of the lease. */
  readonly visibility: number;
  readonly expiredAt: number;
  readonly shuffled: boolean;
  /** A part of the leases that nobody can guess. */
  readonly secret: string;
}

export interface LeaseSettlement extends RetryRules {
  readonly acknowledged: readonly string[];
  readonly retried: readonly { lease: string; readyAt: number }[];
}

/** Which messages people want to see. */
export interface ListRequest {
  readonly now: number;
  readonly limit: number;
  /** Only those after this one. */
  readonly after?: { readonly enqueuedAt: number; readonly sequence: number } | undefined;
}

/** A queue in numbers. */
export interface QueueSummary extends Backlog, Totals {
  readonly inFlight: number;
  /** Ready later: sent with a delay, or retried with one. */
  readonly delayed: number;
  /** When the next delayed one is ready, ms since 1970. */
  readonly nextAt: number | undefined;
}
