/** A message for a Worker. `attempts` counts from 1. */
interface QueueDelivery {
  readonly id: string;
  /** When it was sent, ms since 1970. */
  readonly sentAt: number;
  readonly attempts: number;
  readonly contentType: "json" | "text" | "bytes" | "v8";
  readonly body: Uint8Array;
}

/** A batch of messages for a Worker. */
export interface QueueBatch {
  readonly queue: string;
  readonly messages: readonly QueueDelivery[];
  /** What waits besides the batch. */
  readonly backlog: { readonly count: number; readonly bytes: number; readonly oldest: number };
}

/** What a consumer did with its batch, as workerd tells it. `delaySeconds` is absent when the consumer named none. */
export interface QueueOutcome {
  /** `ok`, `exception`, `exceededCpu` … */
  readonly outcome: string;
  readonly ackAll: boolean;
  readonly retryBatch: { retry: boolean; delaySeconds?: number };
  readonly explicitAcks: readonly string[];
  readonly retryMessages: readonly { msgId: string; delaySeconds?: number }[];
}

/** The consumer was not asked: it does not run, or the runtime does not start. */
export class NotDeliveredError extends Error {
  override readonly name = "NotDeliveredError";
}

/** A reload of ours ended the call of a consumer: not its fault. */
export class CutByReloadError extends Error {
  override readonly name = "CutByReloadError";
}

/**
 * Gives a batch to the `queue` handler of a Worker.
 *
 * @param signal ends the call of a handler that takes too long.
 * @throws {NotDeliveredError} when the handler was not asked.
 * @throws {CutByReloadError} when a reload, or a stop, of the runtime ended it.
 */
export type DeliverBatch = (
  accountId: string,
  script: string,
  batch: QueueBatch,
  signal: AbortSignal,
) => Promise<QueueOutcome>;
