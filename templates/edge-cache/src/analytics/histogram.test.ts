import fc from "fast-check";
import { describe, expect, it } from "vitest";
import migration from "../../migrations/0003_tallies.sql?raw";
import { BOUNDS, bucketOf, LATENCY_ERROR, percentile } from "./histogram.ts";

/** ms; what is longer is only known to be at least so long. */
const LONGEST = Math.max(...BOUNDS) - 1;

function counted(times: readonly number[]): number[] {
  const counts: number[] = BOUNDS.map(() => 0);
  for (const ms of times) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  return counts;
}

describe("a percentile", () => {
  it("is off by at most the error that is told, whatever the times", () => {
    const times = fc.array(fc.oneof(fc.nat(30), fc.nat(3_000), fc.nat(LONGEST)), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(times, fc.constantFrom(0.5, 0.95, 0.99, 1), (all, part) => {
        const sorted = all.toSorted((one, other) => one - other);
        const truth = sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
        expect(Math.abs((percentile(counted(all), part) ?? Number.NaN) - truth)).toBeLessThanOrEqual(
          truth * LATENCY_ERROR,
        );
      }),
    );
  });

  it("of counts that were added is that of all their times", () => {
    const one = [3, 900, 41];
    const other = [7, 7, 120_000, 2];
    const sum = counted(one).map((count, bucket) => count + (counted(other)[bucket] ?? 0));
    expect(sum).toEqual(counted([...one, ...other]));
  });

  it("of nothing is unknown, and of what is too long the least that it can be", () => {
    expect(percentile(counted([]), 0.5)).toBeNull();
    expect(percentile(counted([9_999_999]), 0.5)).toBe(BOUNDS.at(-1));
  });
});

it("has a column for each bucket", () => {
  expect([...migration.matchAll(/\bh(\d+) INTEGER/g)].map(([, bucket]) => Number(bucket))).toEqual(
    BOUNDS.map((_, bucket) => bucket),
  );
});
