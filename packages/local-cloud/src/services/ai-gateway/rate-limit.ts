import type { Gateway } from "./gateway.ts";
import { counted, windowNumber } from "./time-window.ts";

interface Count {
  number: number;
  current: number;
  previous: number;
}

/**
 * Counts calls against the rate limits of gateways, in memory: a restart begins anew. Calls that were refused do not
 * count.
 *
 * @see https://developers.cloudflare.com/ai-gateway/features/rate-limiting/
 */
export class RateLimits {
  readonly #counts = new Map<string, Count>();

  /** Whether one more call is within the limit, counting it when it is. A limit or an interval of 0 limits nothing. */
  admit(gateway: Gateway, accountId: string, now: number): boolean {
    const { rate_limiting_limit: limit, rate_limiting_interval: seconds } = gateway;
    if (limit <= 0 || seconds <= 0) return true;
    const number = windowNumber(now, seconds);
    const key = `${accountId}/${gateway.id}/${seconds}`;
    const count = moveTo(number, this.#counts.get(key));
    this.#counts.set(key, count);
    if (counted(gateway.rate_limiting_technique, { now, seconds, ...count }) + 1 > limit) return false;
    count.current += 1;
    return true;
  }

  /** The gateway, or the whole account, is gone. */
  forget(accountId: string, gatewayId?: string): void {
    const prefix = gatewayId === undefined ? `${accountId}/` : `${accountId}/${gatewayId}/`;
    for (const key of this.#counts.keys()) if (key.startsWith(prefix)) this.#counts.delete(key);
  }
}

function moveTo(number: number, count: Count | undefined): Count {
  if (count?.number === number) return count;
  return { number, current: 0, previous: count?.number === number - 1 ? count.current : 0 };
}
