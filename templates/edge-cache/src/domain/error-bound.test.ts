import { expect, it } from "vitest";
import { errorBound } from "./error-bound.ts";

it("lets an entry begin, stops it after one wrong answer, and lets many right ones outweigh it", () => {
  expect(errorBound({ right: 0, wrong: 0 })).toBeLessThan(0.01);
  expect(errorBound({ right: 0, wrong: 1 })).toBeGreaterThan(0.01);
  expect(errorBound({ right: 100, wrong: 1 })).toBeGreaterThan(0.01);
  expect(errorBound({ right: 300, wrong: 1 })).toBeLessThan(0.01);
  expect(errorBound({ right: 0, wrong: 300 })).toBeGreaterThan(0.5);
});

it("falls with every right answer and rises with every wrong one", () => {
  for (let count = 0; count < 50; count++) {
    const bound = errorBound({ right: count, wrong: count });
    expect(errorBound({ right: count + 1, wrong: count })).toBeLessThan(bound);
    expect(errorBound({ right: count, wrong: count + 1 })).toBeGreaterThan(bound);
  }
});
