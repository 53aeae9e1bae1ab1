import { expect, it } from "vitest";
import type { Gateway } from "./gateway.ts";
import { RateLimits } from "./rate-limit.ts";

const gateway = (technique: "fixed" | "sliding", limit: number, interval = 60): Gateway => ({
  id: "g",
  authentication: false,
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: interval,
  rate_limiting_limit: limit,
  rate_limiting_technique: technique,
  retry_backoff: null,
  retry_delay: null,
  retry_max_attempts: null,
  spend_limits: null,
  created_at: "",
  modified_at: "",
});

/** How many of `calls` at these seconds are let through, in order. */
function admitted(of: Gateway, seconds: readonly number[]): boolean[] {
  const limits = new RateLimits();
  return seconds.map((second) => limits.admit(of, "account", second * 1000));
}

it.each<[string, Gateway, number[], boolean[]]>([
  ["fixed: as many as the limit", gateway("fixed", 2), [0, 1, 2], [true, true, false]],
  ["fixed: anew with the clock's minute", gateway("fixed", 1), [59, 59.9, 60], [true, false, true]],
  ["sliding: the last minute weighs", gateway("sliding", 2), [0, 1, 60, 89, 90], [true, true, false, false, true]],
  ["sliding: two minutes later nothing does", gateway("sliding", 1), [0, 130], [true, true]],
  ["a limit of 0 is none", gateway("fixed", 0), [0, 0, 0], [true, true, true]],
  ["an interval of 0 is none", gateway("fixed", 1, 0), [0, 0], [true, true]],
])("%s", (_, of, seconds, expected) => expect(admitted(of, seconds)).toEqual(expected));

it("counts each account and gateway by itself, and forgets them", () => {
  const limits = new RateLimits();
  const one = gateway("fixed", 1);
  expect(limits.admit(one, "a", 0)).toBe(true);
  expect(limits.admit(one, "b", 0)).toBe(true);
  expect(limits.admit({ ...one, id: "g2" }, "a", 0)).toBe(true);
  expect(limits.admit(one, "a", 0)).toBe(false);
  limits.forget("a", "g");
  expect(limits.admit(one, "a", 0)).toBe(true);
  expect(limits.admit({ ...one, id: "g2" }, "a", 0)).toBe(false);
});
