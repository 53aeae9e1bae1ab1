/** How a batch went, as far as concurrency goes. */
export interface Round {
  /** Calls of the consumer that may run at once now. */
  readonly allowed: number;
  readonly most: number;
  /** The batch was as large as it may be: more is waiting. */
  readonly full: boolean;
  /** The consumer failed as a whole. */
  readonly failed: boolean;
}

/**
 * How many calls of a consumer may run at once after a batch: twice as many while batches are full, half as many when
 * they fail, one less when the queue runs dry.
 *
 * @see https://developers.cloudflare.com/queues/configuration/consumer-concurrency/
 */
export function nextConcurrency({ allowed, most, full, failed }: Round): number {
  const wanted = failed ? Math.floor(allowed / 2) : full ? allowed * 2 : allowed - 1;
  return Math.max(1, Math.min(most, wanted));
}
