import { CATEGORY_NAMES, type CategoryName } from "./domain/category.ts";
import { TIERS, type Tier } from "./domain/tier.ts";

/** What the history page's address says. */
export interface HistorySearch {
  readonly search?: string | undefined;
  readonly category?: CategoryName | undefined;
  readonly tier?: Tier | undefined;
  readonly origin?: "ai" | "estimate" | undefined;
  /** The id of the last valuation of the page before. */
  readonly before?: string | undefined;
}

/** Reads an address's search; what it cannot be is left out, for people change addresses by hand. */
export function readHistorySearch(raw: Readonly<Record<string, unknown>>): HistorySearch {
  const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((each) => each === value);
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const read = {
    search: text(raw["search"]),
    category: one(raw["category"], CATEGORY_NAMES),
    tier: one(raw["tier"], TIERS),
    origin: one(raw["origin"], ["ai", "estimate"]),
    before: text(raw["before"]),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}
