import { type Clock, dayOf } from "../../core/clock.ts";
import type { Store } from "../../core/store.ts";
import { type Amounts, METERS, type Meter } from "../../core/usage.ts";

const KNOWN: ReadonlySet<string> = new Set(METERS);

/** Machine milliseconds that counts stay in memory: a kill loses no more. */
const FLUSH_AFTER = 1000;

/** What one Worker used of one meter on one day. */
export interface UsageRow {
  /** `2026-11-21`, UTC. */
  readonly day: string;
  /** Empty: the API, or the whole account. */
  readonly script: string;
  readonly meter: Meter;
  readonly amount: number;
}

interface CountsContext {
  readonly store: Store;
  readonly clock: Clock;
}

/** Sums by account, day, Worker and meter: added up in memory, written together. */
export class UsageCounts {
  readonly #ctx: CountsContext;
  /** By account, then by day, Worker and meter as JSON. */
  #waiting = new Map<string, Map<string, number>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ctx: CountsContext) {
    this.#ctx = ctx;
    ctx.store.define(
      `CREATE TABLE IF NOT EXISTS usage_counts (
         account_id TEXT NOT NULL, day TEXT NOT NULL, script TEXT NOT NULL, meter TEXT NOT NULL, amount REAL NOT NULL,
         PRIMARY KEY (account_id, day, script, meter)) WITHOUT ROWID`,
    );
  }

  add(accountId: string, script: string, amounts: Amounts): void {
    const day = dayOf(this.#ctx.clock.now());
    const sums = this.#waiting.get(accountId) ?? new Map<string, number>();
    this.#waiting.set(accountId, sums);
    // The few that are named, not all that there are: this runs at every call of a model.
    for (const [meter, amount] of Object.entries(amounts)) {
      if (!(amount > 0) || !KNOWN.has(meter)) continue;
      const key = JSON.stringify([day, script, meter]);
      sums.set(key, (sums.get(key) ?? 0) + amount);
    }
    this.#timer ??= setTimeout(() => this.#flushOrComplain(), FLUSH_AFTER).unref();
  }

  /** All rows of an account in a time, oldest day first. @param from, to days, both included */
  between(accountId: string, from: string, to: string): UsageRow[] {
    this.flush();
    return this.#ctx.store
      .all(
        `SELECT day, script, meter, amount FROM usage_counts
         WHERE account_id = ? AND day >= ? AND day <= ? ORDER BY day, script, meter`,
        accountId,
        from,
        to,
      )
      .map((row) => ({
        day: String(row["day"]),
        script: String(row["script"]),
        // Only meters are written.
        meter: String(row["meter"]) as Meter,
        amount: Number(row["amount"]),
      }));
  }

  /** The account was emptied. */
  forget(accountId: string): void {
    this.#waiting.delete(accountId);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const { store } = this.#ctx;
    store.quickTransaction(() => {
      for (const [accountId, sums] of this.#waiting) {
        for (const [key, amount] of sums) {
          const [day, script, meter] = JSON.parse(key) as [string, string, string];
          store.run(
            `INSERT INTO usage_counts VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
            accountId,
            day,
            script,
            meter,
            amount,
          );
        }
      }
    });
    this.#waiting = new Map();
  }

  #flushOrComplain(): void {
    try {
      this.flush();
    } catch (error) {
      // They stay in memory and are written with the next ones.
      console.error("usage could not be written:", error);
    }
  }
}
