import type { NanoDollars } from "../ledger.ts";

const HOUR_MS = 3_600_000;

/** A spend limit of the gateway that refused a call. */
export interface SpendLimit {
  /** Names no rule: its id may name a tenant. */
  readonly message: string;
  readonly ceiling: NanoDollars | undefined;
  /** ms */
  readonly retryAfterMs: number;
}

/**
 * Reads the gateway's refusal `… (cost limit 10 per 2592000s, fixed) …`. A fixed window begins at a multiple of its
 * length, so it is known when the next one does. A sliding one empties bit by bit: a 24th of it is waited for, at
 * least a minute. Words that are not known mean an hour.
 *
 * @param now ms
 * @see https://developers.cloudflare.com/ai-gateway/features/spend-limits/
 */
export function spendLimitIn(message: string, now: number): SpendLimit {
  const [, usd, seconds, technique] =
    /cost limit ([\d.]+(?:e[+-]?\d+)?) per (\d+)s, (fixed|sliding)/.exec(message) ?? [];
  const windowMs = Number(seconds) * 1_000;
  if (usd === undefined || technique === undefined || !(windowMs > 0)) {
    return { message: "the gateway's spend limit is reached", ceiling: undefined, retryAfterMs: HOUR_MS };
  }
  const wait = technique === "fixed" ? windowMs - (now % windowMs) : Math.max(60_000, Math.round(windowMs / 24));
  return {
    message: `the gateway's spend limit of $${usd} for each ${windowMs / HOUR_MS} hours is reached`,
    ceiling: Math.round(Number(usd) * 1e9),
    retryAfterMs: wait,
  };
}
