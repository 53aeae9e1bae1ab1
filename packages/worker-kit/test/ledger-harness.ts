import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type D1Ledger, d1Ledger, type LedgerCall, type NanoDollars, type Settlement, usdOf } from "../src/ledger.ts";
import { Settings } from "../src/settings.ts";

/** A budget in nano-dollars, as settings give it. */
export function budgetOf(limits: { stack: NanoDollars; tenant?: NanoDollars; template?: Record<string, NanoDollars> }) {
  return Settings.parse({
    budget: {
      monthlyUsd: usdOf(limits.stack),
      ...(limits.tenant !== undefined && { perTenantUsd: usdOf(limits.tenant) }),
      perTemplateUsd: Object.fromEntries(
        Object.entries(limits.template ?? {}).map(([name, amount]) => [name, usdOf(amount)]),
      ),
    },
  }).budget;
}

/** Makes the tables, and empties them. */
export async function emptyDatabase(): Promise<void> {
  await applyD1Migrations(env.LEDGER, env.MIGRATIONS);
  await env.LEDGER.batch([env.LEDGER.prepare("DELETE FROM calls"), env.LEDGER.prepare("DELETE FROM sums")]);
}

/** A moment in milliseconds. */
export const at = (moment: string): number => Date.parse(moment);

/** A ledger whose clock and budget the test moves. */
export interface MovableLedger extends D1Ledger {
  clock: number;
  budget: Settings["budget"];
}

/** A ledger over the test's database; each call reads clock and budget anew, as a request does. */
export function movableLedger(start: number, budget: Settings["budget"]): MovableLedger {
  const now = () => d1Ledger({ database: env.LEDGER, budget: movable.budget, now: () => movable.clock });
  const movable: MovableLedger = {
    clock: start,
    budget,
    reserve: (call) => now().reserve(call),
    settle: (callId, settlement) => now().settle(callId, settlement),
    release: (callId) => now().release(callId),
    expire: () => now().expire(),
    prune: (before) => now().prune(before),
  };
  return movable;
}

/** A call that may cost 10 and expires after a minute, of the event agent and tenant "ann". */
export function call(callId: string, more: Partial<LedgerCall> = {}): LedgerCall {
  return { callId, worstCase: 10, template: "event-agent", tenant: "ann", expiresInMs: 60_000, ...more };
}

/** A settlement of model "small": 3 tokens in, 2 out. */
export function settlement(cost: NanoDollars, more: Partial<Settlement> = {}): Settlement {
  return { cost, model: "small", inputTokens: 3, outputTokens: 2, cached: false, ...more };
}

/** One sum of the ledger: `reserved` and `spent` of a month, in the whole stack or of one of its tenants or templates. */
export async function sum(
  month: string,
  dimension: "stack" | "tenant" | "template" = "stack",
  name = "",
): Promise<{ reserved: NanoDollars; spent: NanoDollars }> {
  const found = await env.LEDGER.prepare(
    "SELECT reserved, spent FROM sums WHERE month = ?1 AND owner = '' AND dimension = ?2 AND name = ?3",
  )
    .bind(month, dimension, name)
    .first<{ reserved: NanoDollars; spent: NanoDollars }>();
  return found ?? { reserved: 0, spent: 0 };
}
