import type { QueueOutcome } from "../../core/queue-batch.ts";
import type { TakenMessage } from "./message.ts";

/** Where a message goes. `delay` in seconds, undefined: the consumer's own. */
export type Fate = { fate: "acknowledged" } | { fate: "retried"; delay: number | undefined; reason: string };

/**
 * What becomes of a message. Its own `ack()` and `retry()` count most, then those of the batch, then how the handler
 * ended: what was acknowledged stays so when the handler throws.
 *
 * @see https://developers.cloudflare.com/queues/configuration/batching-retries/#explicit-acknowledgement-and-retries
 */
export function fateOf({ id }: Pick<TakenMessage, "id">, outcome: QueueOutcome): Fate {
  const retry = outcome.retryMessages.find(({ msgId }) => msgId === id);
  if (retry) return { fate: "retried", delay: retry.delaySeconds, reason: "retry" };
  if (outcome.explicitAcks.includes(id)) return { fate: "acknowledged" };
  if (outcome.retryBatch.retry) return { fate: "retried", delay: outcome.retryBatch.delaySeconds, reason: "retryAll" };
  if (outcome.ackAll || outcome.outcome === "ok") return { fate: "acknowledged" };
  return { fate: "retried", delay: undefined, reason: outcome.outcome };
}
