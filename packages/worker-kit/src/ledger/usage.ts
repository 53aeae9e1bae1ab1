import * as z from "zod";
import { endOfMonth, monthOf } from "./calendar.ts";
import { ceilingsFor } from "./ceilings.ts";
import type { D1LedgerOptions } from "./d1-ledger.ts";
import { expireOverdue } from "./expire.ts";
import { type NanoDollars, usdOf } from "./money.ts";

const Usd = z.number().min(0).describe("US dollars, exact to the billionth.");

const Counts = {
  spent_usd: Usd.describe("Settled calls, and the worst cases of crashed ones."),
  calls: z.int().describe("Settled calls."),
  cached_calls: z.int().describe("Those of them that were answered from the gateway's cache."),
  input_tokens: z.int(),
  output_tokens: z.int(),
};

const UsageLine = z.object({ name: z.string(), ...Counts }).meta({ id: "UsageLine" });

const CeilingLine = UsageLine.extend({
  reserved_usd: Usd.describe("Worst cases of calls under way."),
  ceiling_usd: Usd.nullable().describe("Null: only the stack's ceiling holds."),
}).meta({ id: "UsageCeilingLine" });

/** What a tenant, or the whole stack, has spent in a month, and what is left of it. */
export const Usage = z
  .object({
    scope: z.enum(["tenant", "stack"]),
    month: z.string().describe("`2026-11`: a calendar month, UTC."),
    resets_at: z.iso.datetime().describe("When the next month begins, and with it a new budget."),
    ceiling_usd: Usd,
    ...Counts,
    expired_usd: Usd.describe("The part of `spent_usd` that is worst cases of calls that crashed."),
    excess_usd: Usd.describe("The part of `spent_usd` above what had been reserved. Has to be 0."),
    reserved_usd: Usd.describe("Worst cases of calls under way."),
    left_usd: Usd.describe("Of this ceiling. A tenant's calls also stop when the whole stack's budget is used up."),
    by_day: z.array(UsageLine).describe("`name` is the day of the reservation, UTC."),
    by_model: z.array(UsageLine).describe("Settled calls only: which model a crashed call asked is not known."),
    by_template: z.array(UsageLine.extend({ reserved_usd: Usd.optional(), ceiling_usd: Usd.nullable().optional() })),
    by_tenant: z.array(CeilingLine).optional().describe("The whole stack's only: the 100 that spent the most."),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof Usage>;

/** Whose usage, and of which month (`2026-11`). @default month this one */
export type UsageQuery = { readonly month?: string | undefined } & (
  | { readonly scope: "stack" }
  | { readonly scope: "tenant"; readonly tenant: string }
);

/** Reads a month's sums: some tens of rows, however many calls there were. Calls whose time is over expire first. */
export async function readUsage({ database, budget, now }: D1LedgerOptions, query: UsageQuery): Promise<Usage> {
  const at = now();
  const month = query.month ?? monthOf(at);
  const owner = query.scope === "tenant" ? query.tenant : "";
  const rows = (where: string) => database.prepare(`SELECT * FROM sums WHERE month = ?1 AND ${where}`);
  const [, totals, lines, tenants] = await database.batch<SumRow>([
    expireOverdue(database, at),
    rows("owner = '' AND dimension = ?2 AND name = ?3").bind(month, query.scope, owner),
    rows("owner = ?2 AND dimension IN ('day', 'model', 'template') ORDER BY dimension, name").bind(month, owner),
    rows("owner = '' AND dimension = 'tenant' ORDER BY spent + reserved DESC, name LIMIT ?2").bind(
      month,
      query.scope === "stack" ? 100 : 0,
    ),
  ]);
  const total = totals?.results[0] ?? NOTHING;
  const of = (dimension: string) => (lines?.results ?? []).filter((row) => row.dimension === dimension);
  const ceilingsOf = (of: { tenant?: string; template?: string }) =>
    ceilingsFor(budget, { tenant: "", template: "", ...of });
  const { stack, tenant } = ceilingsOf({ tenant: owner });
  const ceiling = query.scope === "tenant" ? Math.min(stack, tenant ?? stack) : stack;
  return {
    scope: query.scope,
    month,
    resets_at: new Date(endOfMonth(month)).toISOString(),
    ceiling_usd: usdOf(ceiling),
    ...counts(total),
    expired_usd: usdOf(total.expired),
    excess_usd: usdOf(total.excess),
    reserved_usd: usdOf(total.reserved),
    left_usd: usdOf(Math.max(0, ceiling - total.spent - total.reserved)),
    by_day: of("day").map(toLine),
    by_model: of("model").map(toLine),
    by_template: of("template").map((row) =>
      query.scope === "stack" ? underCeiling(row, ceilingsOf({ template: row.name }).template) : toLine(row),
    ),
    ...(query.scope === "stack" && {
      by_tenant: (tenants?.results ?? []).map((row) => underCeiling(row, ceilingsOf({ tenant: row.name }).tenant)),
    }),
  };
}

interface SumRow {
  readonly dimension: string;
  readonly name: string;
  readonly reserved: NanoDollars;
  readonly spent: NanoDollars;
  readonly expired: NanoDollars;
  readonly excess: NanoDollars;
  readonly calls: number;
  readonly cached: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

const NOTHING: SumRow = {
  dimension: "",
  name: "",
  reserved: 0,
  spent: 0,
  expired: 0,
  excess: 0,
  calls: 0,
  cached: 0,
  input_tokens: 0,
  output_tokens: 0,
};

function counts({ spent, calls, cached, input_tokens, output_tokens }: SumRow) {
  return { spent_usd: usdOf(spent), calls, cached_calls: cached, input_tokens, output_tokens };
}

function toLine(row: SumRow) {
  return { name: row.name, ...counts(row) };
}

function underCeiling(row: SumRow, ceiling: NanoDollars | null) {
  return {
    ...toLine(row),
    reserved_usd: usdOf(row.reserved),
    ceiling_usd: ceiling === null ? null : usdOf(ceiling),
  };
}
