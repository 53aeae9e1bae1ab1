import * as z from "zod";
import { LIMITS } from "./limits.ts";

const seconds = (most: number) => z.int().min(0).max(most);

/** Settings of a queue, as the API takes them. What is left out keeps its value. */
export const QueueSettings = z.object({
  /** Seconds before a message is delivered, unless it says otherwise. */
  delivery_delay: seconds(LIMITS.delaySeconds).nullish(),
  delivery_paused: z.boolean().nullish(),
  /** Seconds. */
  message_retention_period: z.int().min(LIMITS.retentionSeconds.least).max(LIMITS.retentionSeconds.most.paid).nullish(),
});
export type QueueSettings = z.infer<typeof QueueSettings>;

const name = z.string();

export const NewQueue = z.object({
  queue_name: name,
  settings: QueueSettings.nullish(),
  jurisdiction: z.string().nullish(),
});
export const QueueChange = z.object({ queue_name: name.nullish(), settings: QueueSettings.nullish() });

/** What a Worker that consumes may set. */
const WorkerSettings = z.object({
  batch_size: z.int().min(1).max(LIMITS.batchMessages).nullish(),
  max_retries: z.int().min(0).max(LIMITS.retries).nullish(),
  max_wait_time_ms: z.int().min(0).max(LIMITS.waitMs).nullish(),
  max_concurrency: z.int().min(1).max(LIMITS.concurrency).nullish(),
  /** Seconds. */
  retry_delay: seconds(LIMITS.delaySeconds).nullish(),
});

/** What who consumes over HTTP may set. */
const PullSettings = z.object({
  batch_size: z.int().min(1).max(LIMITS.batchMessages).nullish(),
  max_retries: z.int().min(0).max(LIMITS.retries).nullish(),
  visibility_timeout_ms: z.int().min(1).max(LIMITS.visibilityMs).nullish(),
  /** Seconds. */
  retry_delay: seconds(LIMITS.delaySeconds).nullish(),
});

const consumer = { dead_letter_queue: z.string().nullish() };

/** A consumer, as the API takes it. */
export const ConsumerBody = z.discriminatedUnion("type", [
  z.object({
    ...consumer,
    type: z.literal("worker"),
    script_name: z.string().min(1),
    settings: WorkerSettings.nullish(),
  }),
  z.object({ ...consumer, type: z.literal("http_pull"), settings: PullSettings.nullish() }),
]);
export type ConsumerBody = z.infer<typeof ConsumerBody>;

/** Settings of a consumer as they are kept: only what was set. */
export const ConsumerSettings = WorkerSettings.extend(PullSettings.shape);
export type ConsumerSettings = z.infer<typeof ConsumerSettings>;
