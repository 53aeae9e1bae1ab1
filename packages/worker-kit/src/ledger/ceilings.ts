import type { Settings } from "../settings.ts";
import { type NanoDollars, nanoDollars } from "./money.ts";

/** What may be spent in a month; null where only the wider ceilings hold. */
export interface Ceilings {
  readonly stack: NanoDollars;
  readonly tenant: NanoDollars | null;
  readonly template: NanoDollars | null;
}

/** The ceilings over a call. Dollars finer than a billionth are rounded down: a ceiling is never passed by rounding. */
export function ceilingsFor(budget: Settings["budget"], of: { template: string; tenant: string }): Ceilings {
  return {
    stack: nanoDollars(budget.monthlyUsd, "down"),
    tenant: ceiling(named(budget.tenantsUsd, of.tenant) ?? budget.perTenantUsd),
    template: ceiling(named(budget.perTemplateUsd, of.template)),
  };
}

function named(ceilings: Readonly<Record<string, number | undefined>> = {}, name: string): number | undefined {
  return Object.hasOwn(ceilings, name) ? ceilings[name] : undefined;
}

function ceiling(usd: number | undefined): NanoDollars | null {
  return usd === undefined ? null : nanoDollars(usd, "down");
}
