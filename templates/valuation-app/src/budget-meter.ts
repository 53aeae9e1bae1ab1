import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { readUsage } from "@tenner/worker-kit/ledger";

/** This month's budget for models, of the whole stack; US dollars. */
export interface BudgetMeter {
  readonly ceilingUsd: number;
  readonly spentUsd: number;
  /** Worst cases of calls under way. */
  readonly reservedUsd: number;
  readonly leftUsd: number;
  /** Whole days until the month (UTC) ends and a new budget begins. */
  readonly daysToGo: number;
}

/** Reads it from the ledger. */
export async function readBudget(env: Env): Promise<BudgetMeter> {
  const at = now(env);
  const { budget } = settingsOf(env);
  const usage = await readUsage({ database: env.LEDGER, budget, now: () => at }, { scope: "stack" });
  return {
    ceilingUsd: usage.ceiling_usd,
    spentUsd: usage.spent_usd,
    reservedUsd: usage.reserved_usd,
    leftUsd: usage.left_usd,
    daysToGo: Math.max(0, Math.ceil((Date.parse(usage.resets_at) - at) / 86_400_000)),
  };
}
