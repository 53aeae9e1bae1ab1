import { deadLettersOf } from "./dead-letters-of.ts";
import type { BindingSource } from "./match-bindings.ts";
import type { ConsumerSettings, QueueWithDlq } from "./queue-with-dlq.ts";
import type { QueueConsumer, WranglerConfiguration } from "./wrangler-configuration.ts";

/** What this needs to know of a queue. */
type NamedQueue = Pick<QueueWithDlq, "name" | "queueName">;

/** A queue and how wrangler.jsonc says that it is consumed. */
export interface MatchedConsumer<Queue> {
  readonly queue: Queue;
  readonly settings: ConsumerSettings;
  /** Left out where nobody takes the dead letters. */
  readonly deadLetterSettings?: ConsumerSettings;
}

/**
 * Joins the queues of wrangler.jsonc with those of the program, by name.
 * @returns the bindings of the producers, how each queue is consumed, and every problem: a producer or a consumer
 * without its queue, a queue without a consumer, a consumer whose dead letters go elsewhere or nowhere
 */
export function matchQueues<Queue extends NamedQueue>(
  { producers, consumers }: WranglerConfiguration["queues"],
  queues: readonly Queue[],
): { bindings: Record<string, BindingSource>; consumed: MatchedConsumer<Queue>[]; problems: string[] } {
  const problems: string[] = [];
  const bindings: Record<string, BindingSource> = {};
  for (const { binding, queue: name } of producers) {
    const queue = queues.find((one) => one.name === name);
    if (queue) bindings[binding] = { type: "queue", queueName: queue.queueName };
    else
      problems.push(`binding ${binding}: wrangler.jsonc sends to the queue ${name}, which the program does not make`);
  }

  const known = new Set(queues.flatMap(({ name }) => [name, deadLettersOf(name)]));
  const consumerOf = new Map<string, QueueConsumer>();
  for (const consumer of consumers) {
    const { queue } = consumer;
    if (!known.has(queue)) problems.push(`queue ${queue}: wrangler.jsonc consumes it, the program does not make it`);
    if (consumerOf.has(queue)) problems.push(`queue ${queue}: wrangler.jsonc consumes it twice`);
    consumerOf.set(queue, consumer);
  }

  const consumed = queues.flatMap((queue) => {
    const consumer = consumerOf.get(queue.name);
    const deadLetters = deadLettersOf(queue.name);
    if (!consumer) {
      problems.push(`queue ${queue.name}: the program makes it, wrangler.jsonc has no consumer of it`);
      return [];
    }
    if (consumer.dead_letter_queue !== deadLetters) {
      const says = consumer.dead_letter_queue ?? "nothing";
      problems.push(
        `queue ${queue.name}: dead_letter_queue is ${says} in wrangler.jsonc, ${deadLetters} in the program`,
      );
    }
    const last = consumerOf.get(deadLetters);
    if (last?.dead_letter_queue !== undefined) {
      problems.push(`queue ${deadLetters}: what is dead already has no dead_letter_queue`);
    }
    return [{ queue, settings: settingsOf(consumer), ...(last && { deadLetterSettings: settingsOf(last) }) }];
  });
  return { bindings, consumed, problems };
}

function settingsOf(consumer: QueueConsumer): ConsumerSettings {
  return {
    batchSize: consumer.max_batch_size,
    maxWaitTimeMs: consumer.max_batch_timeout * 1_000,
    maxRetries: consumer.max_retries,
    retryDelay: consumer.retry_delay,
    maxConcurrency: consumer.max_concurrency,
  };
}
