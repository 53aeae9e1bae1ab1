import { expect, it } from "vitest";
import type { Meter } from "../../core/usage.ts";
import { type BillInput, makeBill } from "./bill.ts";

/** A bill of some meters' amounts, on one day unless said otherwise. */
function billOf(amounts: Partial<Record<Meter, number>>, more: Partial<BillInput> = {}) {
  const rows = Object.entries(amounts).map(([meter, amount]) => ({
    day: "2026-11-01",
    meter: meter as Meter, // the type of the parameter's keys
    amount,
  }));
  return makeBill({ rows, stored: {}, ...more });
}

function lineOf(bill: ReturnType<typeof makeBill>, product: string, what: string) {
  const line = bill.lines.find((each) => each.product === product && each.what === what);
  if (!line) throw new Error(`the bill has no line ${product} ${what}`);
  return line;
}

it("costs the paid plan's base when nothing was used, and nothing on the free plan", () => {
  const bill = billOf({});
  expect(bill.paid.usd).toBe(5);
  expect(bill.free).toEqual({ usd: 0, refused: [] });
});

it.each([
  ["the documented 15 million requests of 7 ms", { "workers.requests": 15e6, "workers.cpu_ms": 105e6 }, 5 + 1.5 + 1.5],
  ["the documented 30 million messages in a queue", { "queues.operations": 90e6 }, 5 + 35.6],
  [
    "the documented 1.5 million calls of an object",
    { "durable_objects.requests": 1.5e6, "durable_objects.duration_ms": 1e9 },
    5 + 0.15,
  ],
  ["a class A operation too many, which is charged as a million", { "r2.class_a": 1e6 + 1 }, 5 + 4.5],
  ["rows within what is included", { "d1.rows_read": 25e9, "d1.rows_written": 50e6 }, 5],
] satisfies [string, Partial<Record<Meter, number>>, number][])("charges %s", (_, amounts, usd) => {
  expect(billOf(amounts).paid.usd).toBeCloseTo(usd, 6);
});

it("charges stored vectors with the queries, as the documented 10,000 vectors queried 30,000 times", () => {
  const bill = billOf(
    { "vectorize.queried_dimensions": 30_000 * 768 },
    { stored: { "vectorize.stored_dimensions": 10_000 * 768 } },
  );
  expect(lineOf(bill, "Vectorize", "dimensions queried").used).toBe(30_720_000);
  expect(lineOf(bill, "Vectorize", "dimensions stored").used).toBe(7_680_000);
  expect(bill.free.refused).toEqual([
    "Vectorize dimensions queried: 720,000 of 30,720,000 are beyond 30,000,000 a month",
    "Vectorize dimensions stored: 2,680,000 of 7,680,000 are beyond 5,000,000",
  ]);
});

it("holds each day against a daily allowance, and says what is refused", () => {
  const rows = [
    { day: "2026-11-01", meter: "kv.writes", amount: 1_400 },
    { day: "2026-11-02", meter: "kv.writes", amount: 600 },
  ] as const;
  const bill = makeBill({ rows, stored: {} });
  expect(bill.free.refused).toEqual(["KV writes: 400 of 2,000 are beyond 1,000 a day"]);
  expect(bill.free.usd).toBe(0);
});

it("gives 10,000 neurons a day free on the paid plan too", () => {
  const bill = billOf({ "workers_ai.neurons": 11_000 });
  expect(lineOf(bill, "Workers AI", "neurons").paid.usd).toBeCloseTo(0.011, 9);
  expect(bill.free.refused).toHaveLength(1);
});

it("bills R2 on the free plan what is beyond its free amounts", () => {
  const bill = billOf({}, { stored: { "r2.stored_gb": 12 } });
  expect(bill.free).toEqual({ usd: 0.03, refused: [] });
});

it("spreads traffic times a number evenly over a month", () => {
  const bill = billOf({ "kv.writes": 100, "workers.requests": 1000 }, { scale: 330 });
  expect(lineOf(bill, "KV", "writes").used).toBeCloseTo(33_000, 6);
  expect(lineOf(bill, "Workers", "requests").used).toBeCloseTo(330_000, 6);
  expect(bill.free.refused).toEqual(["KV writes: 3,000 of 33,000 are beyond 1,000 a day"]);
});

it("says how long a request computes, which the free plan limits", () => {
  const bill = billOf({ "workers.requests": 100, "workers.cpu_ms": 1_250 });
  expect(lineOf(bill, "Workers", "CPU ms").note).toContain("12.5 a request, of which the free plan allows 10");
});

it("names a page of Cloudflare's documentation on every line", () => {
  for (const { source } of billOf({}).lines) expect(source).toMatch(/^https:\/\/developers\.cloudflare\.com\/.+\/$/);
});
