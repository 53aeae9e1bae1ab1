import type { D1Ledger } from "./ledger.ts";
import { log } from "./log.ts";

/** Calls are kept this long after their end: longer than any settlement can come late. */
const KEPT_CALLS_MS = 35 * 86_400_000;

/** Calls that crashed count at their worst case. Every template's cron does this: twice is the same as once. */
export async function keepLedger(ledger: D1Ledger, now: number): Promise<void> {
  try {
    const expired = await ledger.expire();
    const pruned = await ledger.prune(now - KEPT_CALLS_MS);
    if (expired + pruned > 0) log("info", "ledger", { expired, pruned });
  } catch (error) {
    log("error", "ledger_upkeep_failed", { message: String(error) });
  }
}

/**
 * Does every item, a few at a time; one that fails is logged as `failure` and does not hold up the others. Returns how
 * many succeeded.
 */
export async function each<T>(
  items: readonly T[],
  failure: string,
  act: (item: T) => Promise<unknown>,
): Promise<number> {
  let succeeded = 0;
  for (let start = 0; start < items.length; start += 5) {
    const outcomes = await Promise.allSettled(items.slice(start, start + 5).map(act));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") succeeded++;
      else log("error", failure, { message: String(outcome.reason) });
    }
  }
  return succeeded;
}
