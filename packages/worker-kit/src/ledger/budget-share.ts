import { monthOf } from "./calendar.ts";
import { ceilingsFor } from "./ceilings.ts";
import type { D1LedgerOptions } from "./d1-ledger.ts";

/**
 * The part of this month's budget that is spent or reserved: of the stack's, the tenant's or the template's, whichever
 * is fullest. 1 is all of it. One read of three rows.
 */
export async function readBudgetShare(
  { database, budget, now }: D1LedgerOptions,
  { tenant, template }: { readonly tenant: string; readonly template: string },
): Promise<number> {
  const { results } = await database
    .prepare(
      `SELECT dimension, reserved + spent AS committed FROM sums WHERE month = ?1 AND owner = ''
         AND (dimension, name) IN (VALUES ('stack', ''), ('tenant', ?2), ('template', ?3))`,
    )
    .bind(monthOf(now()), tenant, template)
    .all<{ dimension: "stack" | "tenant" | "template"; committed: number }>();
  const ceilings = ceilingsFor(budget, { template, tenant });
  return Math.max(
    0,
    ...results.map(({ dimension, committed }) => {
      const ceiling = ceilings[dimension];
      return ceiling === null ? 0 : committed / ceiling;
    }),
  );
}
