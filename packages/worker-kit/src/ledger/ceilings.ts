import type { Settings } from "../settings.ts";
import { type NanoDollars, nanoDollars } from "./money.ts";

/** What may be spent in a month; null where only the wider ceilings hold. */
export interface Ceilings {
  readonly stack: NanoDollars;
  readonly tenant: NanoDollars | null;
  readonly template: NanoDollars | null;
}

/** The ceilings over a call. Dollars finer than a billionth are rounded down: a ceiling is never passed by rounding. */
export function ceilingsFor(budget: Settings["budget"], template: string): Ceilings {
  const perTemplate: Readonly<Record<string, number | undefined>> = budget.perTemplateUsd;
  const own = Object.hasOwn(perTemplate, template) ? perTemplate[template] : undefined;
  return {
    stack: nanoDollars(budget.monthlyUsd, "down"),
    tenant: budget.perTenantUsd === undefined ? null : nanoDollars(budget.perTenantUsd, "down"),
    template: own === undefined ? null : nanoDollars(own, "down"),
  };
}
