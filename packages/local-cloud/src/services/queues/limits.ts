/**
 * Limits of Queues. 1 KB is 1000 bytes, as Cloudflare counts.
 *
 * @see https://developers.cloudflare.com/queues/platform/limits/
 */
export const LIMITS = {
  /** Bytes of one message's body. */
  messageBytes: 128_000,
  /** Messages of one `sendBatch`, of one push delivery and of one pull. */
  batchMessages: 100,
  /** Bytes of all bodies of one `sendBatch`. */
  batchBytes: 256_000,
  /** Seconds that a message may be delayed, when it is sent and when it is retried. */
  delaySeconds: 43_200,
  retries: 100,
  /** Milliseconds to wait for a batch to fill. */
  waitMs: 60_000,
  concurrency: 250,
  /** Milliseconds of a pull consumer's lease. */
  visibilityMs: 43_200_000,
  retentionSeconds: { least: 60, most: { free: 86_400, paid: 1_209_600 } },
  /** Milliseconds of wall time that a consumer has for a batch. */
  consumerMs: 15 * 60_000,
} as const;

/** What holds when a consumer's settings say nothing. */
export const DEFAULTS = {
  batchSize: 10,
  waitMs: 5000,
  retries: 3,
  retryDelay: 0,
  visibilityMs: 30_000,
  retentionSeconds: { free: 86_400, paid: 345_600 },
  /** Messages of a pull that names no number. */
  pullSize: 10,
  /**
   * Concurrent calls of a consumer without `max_concurrency`. Cloudflare goes up to 250; one workerd on one machine is
   * not faster with that many.
   */
  concurrency: 20,
} as const;
