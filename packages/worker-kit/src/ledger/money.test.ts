import fc from "fast-check";
import { expect, it } from "vitest";
import { nanoDollars, usdOf } from "./money.ts";

it.each([
  [10, 10_000_000_000],
  [0.29, 290_000_000],
  [0.1, 100_000_000],
  [1e-9, 1],
  [2.5e-8, 25],
  ["0.045", 45_000_000],
  ["12.000", 12_000_000_000],
  ["0.1230000000000", 123_000_000],
  ["1.5e3", 1_500_000_000_000],
  [100_000, 100_000_000_000_000],
  [0, 0],
])("reads %s dollars as %d nano-dollars", (usd, nano) => {
  expect(nanoDollars(usd)).toBe(nano);
});

it("rounds what is finer than a billionth only when told to", () => {
  expect(() => nanoDollars(0.1 + 0.2)).toThrow("more than nine decimals");
  expect(nanoDollars(0.1 + 0.2, "down")).toBe(300_000_000);
  expect(nanoDollars(0.1 + 0.2, "up")).toBe(300_000_001);
  expect(nanoDollars("1e-12", "down")).toBe(0);
  expect(nanoDollars("1e-12", "up")).toBe(1);
  expect(nanoDollars("0.29", "up")).toBe(290_000_000);
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "", "$1", "1,5", ".5", "1.", " 1", "1e9999"])(
  "refuses %s as an amount",
  (usd) => {
    expect(() => nanoDollars(usd)).toThrow("no amount in US dollars");
  },
);

it("refuses more than it can count", () => {
  expect(() => nanoDollars(10_000_000)).toThrow("more than the ledger counts");
});

it("comes back from dollars unchanged, up to a million of them", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e15 }), (nano) => nanoDollars(usdOf(nano)) === nano));
});
