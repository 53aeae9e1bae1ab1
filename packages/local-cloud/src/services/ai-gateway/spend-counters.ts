import type { ServiceContext } from "../../core/service.ts";
import type { Gateway, SpendCall, SpendRule } from "./gateway.ts";
import { budgetOf } from "./spend-limit.ts";
import { counted, windowEnd, windowNumber } from "./time-window.ts";

/** Windows that are kept of each budget, and how much longer (ms): a clock that jumps back finds what was spent. */
const KEPT_WINDOWS = 4;
const KEPT_LONGER = 24 * 3_600_000;
const KEY_SEPARATOR = "\n";

/** What was spent of one budget in one window. */
export interface Spending {
  /** `""`, or the values that split the budget: `[["user","u-1"]]`. */
  readonly budget: string;
  /** US dollars that count now: of sliding windows the last one's rest too. */
  readonly spent: number;
}

/** What every rule of every gateway has spent, by rule id and window. In memory, and in the store at each flush. */
export class SpendCounters {
  readonly #ctx: Pick<ServiceContext, "store" | "clock">;
  /** By key of {@link keyOf}, then by window number: dollars. */
  readonly #budgets = new Map<string, Map<number, number>>();
  /** What changed since the last flush. */
  readonly #changed = new Map<string, Set<number>>();

  constructor(ctx: Pick<ServiceContext, "store" | "clock">) {
    this.#ctx = ctx;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS ai_gateway_spend (
      account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, rule_id TEXT NOT NULL, seconds INTEGER NOT NULL,
      budget TEXT NOT NULL, number INTEGER NOT NULL, spent REAL NOT NULL,
      PRIMARY KEY (account_id, gateway_id, rule_id, seconds, budget, number),
      FOREIGN KEY (account_id, gateway_id) REFERENCES ai_gateways (account_id, id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID`);
    for (const row of ctx.store.all("SELECT * FROM ai_gateway_spend")) {
      const [accountId, gatewayId, ruleId] = ["account_id", "gateway_id", "rule_id"].map((name) => String(row[name]));
      const key = [accountId, gatewayId, ruleId, Number(row["seconds"]), String(row["budget"])].join(KEY_SEPARATOR);
      this.#windows(key).set(Number(row["number"]), Number(row["spent"]));
    }
  }

  /** Counts a call that has ended, in the window of this moment. */
  add(gateway: Gateway, accountId: string, call: SpendCall, cost: number): void {
    if (!(cost > 0)) return;
    for (const rule of activeRules(gateway)) {
      const budget = budgetOf(rule, call);
      if (budget === undefined) continue;
      const number = windowNumber(this.#ctx.clock.now(), rule.window);
      const key = keyOf(accountId, gateway.id, rule, budget);
      const windows = this.#windows(key);
      windows.set(number, (windows.get(number) ?? 0) + cost);
      const changed = this.#changed.get(key) ?? new Set();
      this.#changed.set(key, changed.add(number));
    }
  }

  /** The first rule whose budget for this call is used up. */
  exceeded(gateway: Gateway, accountId: string, call: SpendCall): SpendRule | undefined {
    return activeRules(gateway).find((rule) => {
      const budget = budgetOf(rule, call);
      return budget !== undefined && this.#spent(keyOf(accountId, gateway.id, rule, budget), rule) >= rule.limit;
    });
  }

  /** Every budget of a rule that has spent something now, the largest first. */
  spending(gateway: Gateway, accountId: string, rule: SpendRule): Spending[] {
    const prefix = keyOf(accountId, gateway.id, rule, "");
    return [...this.#budgets.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ budget: key.slice(prefix.length), spent: this.#spent(key, rule) }))
      .filter(({ spent }) => spent > 0)
      .sort((a, b) => b.spent - a.spent);
  }

  /** Writes what changed; to be called in a transaction. Nothing is taken as written before {@link written}. */
  write(): void {
    for (const [key, numbers] of this.#changed) {
      const [accountId = "", gatewayId = "", ruleId = "", seconds = "", budget = ""] = key.split(KEY_SEPARATOR);
      for (const number of numbers) {
        this.#ctx.store.run(
          `INSERT INTO ai_gateway_spend VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (account_id, gateway_id, rule_id, seconds, budget, number) DO UPDATE SET spent = excluded.spent`,
          accountId,
          gatewayId,
          ruleId,
          Number(seconds),
          budget,
          number,
          this.#budgets.get(key)?.get(number) ?? 0,
        );
      }
    }
  }

  /** The transaction of {@link write} is on disk. */
  written(): void {
    this.#changed.clear();
  }

  get unwritten(): boolean {
    return this.#changed.size > 0;
  }

  /** Drops windows that no clock comes back to. */
  prune(): void {
    const now = this.#ctx.clock.now();
    for (const [key, windows] of this.#budgets) {
      const seconds = Number(key.split(KEY_SEPARATOR)[3]);
      for (const number of windows.keys())
        if (windowEnd(number, seconds) < now - KEPT_WINDOWS * seconds * 1000 - KEPT_LONGER) windows.delete(number);
      if (windows.size === 0) this.#budgets.delete(key);
    }
    this.#ctx.store.run(
      "DELETE FROM ai_gateway_spend WHERE (number + 1) * seconds * 1000 < ? - ? * seconds * 1000 - ?",
      Math.floor(now),
      KEPT_WINDOWS,
      KEPT_LONGER,
    );
  }

  /** The gateway, or the whole account, is gone. */
  forget(accountId: string, gatewayId?: string): void {
    const prefix = [accountId, ...(gatewayId === undefined ? [] : [gatewayId]), ""].join(KEY_SEPARATOR);
    for (const known of [this.#budgets, this.#changed])
      for (const key of known.keys()) if (key.startsWith(prefix)) known.delete(key);
  }

  #spent(key: string, rule: SpendRule): number {
    const windows = this.#budgets.get(key);
    if (!windows) return 0;
    const now = this.#ctx.clock.now();
    const number = windowNumber(now, rule.window);
    const [current, previous] = [windows.get(number) ?? 0, windows.get(number - 1) ?? 0];
    return counted(rule.technique, { now, seconds: rule.window, current, previous });
  }

  #windows(key: string): Map<number, number> {
    const windows = this.#budgets.get(key) ?? new Map<number, number>();
    this.#budgets.set(key, windows);
    return windows;
  }
}

function activeRules({ spend_limits: limits }: Gateway): SpendRule[] {
  return limits?.enabled ? limits.rules.filter(({ enabled }) => enabled) : [];
}

/** A rule whose window changed its length counts anew; `budget` comes last, so that a rule's keys share a beginning. */
function keyOf(accountId: string, gatewayId: string, rule: SpendRule, budget: string): string {
  return [accountId, gatewayId, rule.id, rule.window, budget].join(KEY_SEPARATOR);
}
