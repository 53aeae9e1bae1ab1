import { now } from "@tenner/worker-kit/clock";
import { readBudgetShare } from "@tenner/worker-kit/ledger/budget-share";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";

/** For so long a share may be old: routing by it is thrift, the ledger's ceilings are the wall. */
const HELD_MS = 5_000;
const MOST_TENANTS = 1_000;

const held = new Map<string, { readonly share: number; readonly readAt: number }>();

/** The part of the month's budget that is used up, at most 5 s old. When the ledger is away: what was last known. */
export async function budgetShareOf(env: Env, { budget }: Settings, tenant: string): Promise<number> {
  const place = JSON.stringify([tenant, budget]);
  const known = held.get(place);
  const at = now(env);
  if (known && Math.abs(at - known.readAt) < HELD_MS) return known.share;
  try {
    const options = { database: env.LEDGER, budget, now: () => at };
    const share = await readBudgetShare(options, { tenant, template: "edge-cache" });
    held.delete(place);
    held.set(place, { share, readAt: at });
    if (held.size > MOST_TENANTS) held.delete(held.keys().next().value ?? place);
    return share;
  } catch (error) {
    log("error", "budget_share_failed", { message: String(error) });
    return known?.share ?? 0;
  }
}
