import { describe, expect, it } from "vitest";
import { differenceOf, meanOf, type RatioSums, rateOf } from "./interval.ts";

/** The sums of callers' requests and what these came to. */
function sumsOf(callers: readonly (readonly [x: number, y: number])[]): RatioSums {
  const total = (each: (x: number, y: number) => number) => callers.reduce((sum, [x, y]) => sum + each(x, y), 0);
  return {
    subjects: callers.filter(([x]) => x > 0).length,
    x: total((x) => x),
    y: total((_, y) => y),
    xx: total((x) => x * x),
    yy: total((_, y) => y * y),
    xy: total((x, y) => x * y),
  };
}

/** Numbers between 0 and 1 that are the same in each run (mulberry32). */
function lots(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("a mean's interval", () => {
  it("is Student's when every caller asks once", () => {
    // Mean 12, standard error 1, four degrees of freedom.
    const { value, low, high } = meanOf(sumsOf([9, 11, 12, 13, 15].map((y) => [1, y]))) ?? {};
    expect(value).toBe(12);
    expect(low).toBeCloseTo(12 - 2.7764, 3);
    expect(high).toBeCloseTo(12 + 2.7764, 3);
  });

  it("is not narrower when each caller asks the same a hundred times", () => {
    const once = meanOf(sumsOf([9, 11, 12, 13, 15].map((y) => [1, y])));
    const often = meanOf(sumsOf([9, 11, 12, 13, 15].map((y) => [100, 100 * y])));
    expect(often?.low).toBeCloseTo(once?.low ?? 0, 6);
  });

  it("is not known from one caller, and there is none without requests", () => {
    expect(meanOf(sumsOf([[50, 100]]))).toEqual({ value: 2, low: null, high: null });
    expect(meanOf(sumsOf([]))).toBeNull();
  });
});

describe("a rate's interval", () => {
  it("is Wilson's when every caller asks once and there are many", () => {
    const callers = Array.from({ length: 10_000 }, (_, place): [number, number] => [1, place < 3_000 ? 1 : 0]);
    const { value, low, high } = rateOf(sumsOf(callers)) ?? {};
    expect(value).toBe(0.3);
    expect(low).toBeCloseTo(0.2911, 3);
    expect(high).toBeCloseTo(0.3091, 3);
  });

  it("does not shrink to nothing when none was a hit", () => {
    const { value, low, high } = rateOf(sumsOf(Array(20).fill([5, 0]))) ?? {};
    expect([value, low]).toEqual([0, 0]);
    // What 20 independent requests would say, and a little more.
    expect(high).toBeGreaterThan(0.16);
    expect(high).toBeLessThan(0.22);
  });

  it("holds the truth in 95 of 100 worlds where callers differ, which one over requests does not", () => {
    const draw = lots(1);
    const worlds = 600;
    let held = 0;
    let naive = 0;
    for (let world = 0; world < worlds; world++) {
      const callers = Array.from({ length: 40 }, (): [number, number] => {
        // Half of the callers hit nearly always, the others nearly never: 0.5 in all.
        const chance = draw() < 0.5 ? 0.9 : 0.1;
        const asked = 1 + Math.floor(draw() * 20);
        return [asked, Array.from({ length: asked }, draw).filter((lot) => lot < chance).length];
      });
      const sums = sumsOf(callers);
      const { value = 0, low, high } = rateOf(sums) ?? {};
      if ((low ?? 1) <= 0.5 && 0.5 <= (high ?? 0)) held++;
      if (Math.abs(value - 0.5) <= 1.96 * Math.sqrt((value * (1 - value)) / sums.x)) naive++;
    }
    expect(held / worlds).toBeGreaterThan(0.93);
    expect(held / worlds).toBeLessThan(0.985);
    expect(naive / worlds).toBeLessThan(0.7);
  });
});

describe("a difference's interval", () => {
  it("holds no difference in 95 of 100 worlds without one", () => {
    const draw = lots(2);
    const worlds = 600;
    let held = 0;
    for (let world = 0; world < worlds; world++) {
      const variant = () =>
        rateOf(sumsOf(Array.from({ length: 60 }, (): [number, number] => [1, draw() < 0.2 ? 1 : 0])));
      const [one, other] = [variant(), variant()];
      if (!one || !other) throw new Error("60 callers have asked");
      const { low, high } = differenceOf(one, other);
      if ((low ?? 1) <= 0 && 0 <= (high ?? 0)) held++;
    }
    expect(held / worlds).toBeGreaterThan(0.93);
    expect(held / worlds).toBeLessThan(0.985);
  });

  it("is not known when one of the two is not", () => {
    const one = { value: 2, low: 1, high: 3 };
    expect(differenceOf(one, { value: 5, low: null, high: null })).toEqual({ value: -3, low: null, high: null });
    expect(differenceOf(one, { value: 5, low: 1, high: 9 })).toEqual({
      value: -3,
      low: -3 - Math.hypot(1, 4),
      high: -3 + Math.hypot(1, 4),
    });
  });
});
