import { expect, it } from "vitest";
import { pause } from "./attempt.ts";

it.each([
  ["constant", [100, 100, 100]],
  ["linear", [100, 200, 300]],
  ["exponential", [100, 200, 400]],
] as const)("waits %s: %o ms", (backoff, pauses) => {
  expect([1, 2, 3].map((failed) => pause({ delay: 100, backoff }, failed))).toEqual(pauses);
});
