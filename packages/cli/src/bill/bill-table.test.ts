import { expect, it } from "vitest";
import { billTable, usd } from "./bill-table.ts";
import { type CloudflareBill, daysOfMonth } from "./cloudflare-bill.ts";

type Line = CloudflareBill["lines"][number];

const line = (product: string, what: string, more: Partial<Line>): Line => ({
  product,
  what,
  used: 0,
  free: { allowance: 1000, per: "day", beyond: 0, refused: true, usd: 0 },
  paid: { included: 1e6, usd: 0 },
  source: "https://developers.cloudflare.com/",
  ...more,
});

const BILL: CloudflareBill = {
  from: "2026-11-01",
  to: "2026-11-30",
  scale: null,
  prices_of: "2026-11-21",
  lines: [
    line("Workers", "requests", { used: 50_000 }),
    line("Workers AI", "neurons", { used: 400_000, paid: { included: 300_000, usd: 1.1 } }),
    line("KV", "writes", {
      used: 33_000,
      free: { allowance: 1000, per: "day", beyond: 3_000, refused: true, usd: 0 },
    }),
    line("KV", "lists", {}),
  ],
  free: { usd: 0, refused: ["KV writes: 3,000 of 33,000 are beyond 1,000 a day"] },
  paid: { usd: 6.1, base_usd: 5 },
  free_of_charge: [],
  not_priced: [],
  not_counted: [{ product: "Workers CPU ms", why: "this system does not tell" }],
};

it("shows what was used with both plans, and what the free plan would refuse", () => {
  expect(billTable(BILL)).toEqual([
    "                       used  free plan                   paid plan",
    "Workers requests     50,000  free to 1,000 a day         included",
    "Workers AI neurons  400,000  free to 1,000 a day         $1.10",
    "KV writes            33,000  refused beyond 1,000 a day  included",
    "                             $0                          $6.10 ($5.00 the plan itself)",
    "",
    "the free plan would refuse:",
    "  KV writes: 3,000 of 33,000 are beyond 1,000 a day",
    "",
    "Prices of 2026-11-21. Nothing used of: KV lists.",
    "Not counted: Workers CPU ms (this system does not tell).",
  ]);
});

it("shows one plan alone", () => {
  const text = billTable(BILL, "paid").join("\n");
  expect(text).toContain("paid plan");
  expect(text).not.toContain("free plan");
});

it.each([
  [0, "$0"],
  [0.0000993, "$0.0000993"],
  [5, "$5.00"],
])("writes %d dollars as %s", (amount, text) => expect(usd(amount)).toBe(text));

it.each([
  ["2026-02", { from: "2026-02-01", to: "2026-02-28" }],
  ["2026-12", { from: "2026-12-01", to: "2026-12-31" }],
])("knows the days of %s", (month, days) => expect(daysOfMonth(month)).toEqual(days));
