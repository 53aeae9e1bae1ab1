import { describe, expect, it } from "vitest";
import { afterFailure, backoffMs } from "./retry.ts";

describe("backoff", () => {
  it.each([
    [1, 0, 1_000],
    [1, 1, 2_000],
    [2, 1, 4_000],
    [5, 0.5, 24_000],
    [50, 1, 120_000],
  ])("attempt %d with chance %d waits %d ms", (attempt, random, ms) => {
    expect(backoffMs(attempt, random)).toBe(ms);
  });
});

describe("after a failure", () => {
  const state = {
    onBudgetExhausted: "wait" as const,
    attempts: 1,
    maxAttempts: 5,
    now: 1_000_000,
    createdAt: 0,
    deadlineAt: 2_000_000,
    random: 1,
  };
  type Failure = Parameters<typeof afterFailure>[0];
  const down: Failure = {
    code: "model_unavailable",
    message: "down",
    retryable: true,
    retryAfterMs: undefined,
    budget: undefined,
  };
  const broke: Failure = { ...down, code: "budget_exhausted" };
  it.each<[string, Failure, object, object]>([
    ["it is tried again", down, {}, { kind: "retry", at: 1_002_000, counts: true }],
    ["the model's own pause counts when it is longer", { ...down, retryAfterMs: 60_000 }, {}, { at: 1_060_000 }],
    [
      "not when it would fail the same way",
      { ...down, retryable: false },
      {},
      { kind: "fail", code: "model_unavailable" },
    ],
    ["not after the last attempt", down, { attempts: 5 }, { kind: "fail", message: "down (after 5 attempts)" }],
    ["not past the deadline", down, { deadlineAt: 1_002_000 }, { kind: "fail" }],
    [
      "an empty budget uses up neither attempts nor the deadline",
      broke,
      { attempts: 5, deadlineAt: 1_000_001 },
      { kind: "retry", counts: false, at: 1_300_000, deadlineAt: 1_300_001 },
    ],
    [
      "it looks again every hour, however far the month's end is",
      { ...broke, retryAfterMs: 9e8 },
      {},
      { at: 4_600_000 },
    ],
    [
      "it looks again soon when calls under way hold what is left",
      { ...broke, budget: { scope: "stack", ceiling: 10, held: true } },
      { attempts: 5 },
      { kind: "retry", counts: false, at: 1_016_000, deadlineAt: 2_016_000 },
    ],
    ["and at the month's end when that is sooner", { ...broke, retryAfterMs: 120_000 }, {}, { at: 1_120_000 }],
    [
      "it fails where its caller chose so",
      broke,
      { onBudgetExhausted: "fail" },
      { kind: "fail", code: "budget_exhausted" },
    ],
    ["nobody waits for ever", broke, { createdAt: -63 * 86_400_000 }, { kind: "fail", code: "budget_exhausted" }],
  ])("%s", (_, error, change, step) => {
    expect(afterFailure(error, { ...state, ...change })).toMatchObject(step);
  });
});
