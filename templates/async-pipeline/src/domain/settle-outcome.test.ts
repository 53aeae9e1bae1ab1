import { AiError } from "@tenner/worker-kit/ai";
import { describe, expect, it } from "vitest";
import { closingOf, FAILURES_THAT_CLOSE, type Gate, OPEN_GATE } from "./gate.ts";
import type { Outcome } from "./outcome.ts";
import { backoffMs, type HeldItem, MOST_SETBACKS, settleOutcome } from "./settle-outcome.ts";

const NOW = 1_000_000_000;
const at = { now: NOW, random: 0.5, maxAttempts: 3, shared: false };
const item: HeldItem = { position: 7, attempts: 0, setbacks: 0, setback_at: null, answers: 0 };
const failed = (error: AiError): Outcome => ({ kind: "failed", position: 7, step: "ask", error });
const down = new AiError("model_unavailable", "500: down");
const refused = new AiError("model_unavailable", "400: no", { retryable: false });

describe("an invalid answer", () => {
  const outcome: Outcome = { kind: "invalid", position: 7, step: "ask", message: "/label is missing" };

  it.each([
    [0, "waiting", 0],
    [1, "waiting", 1_500],
    [2, "dead", 0],
  ])("after %i attempts: %s, in %i ms", (attempts, status, delay) => {
    const change = settleOutcome(outcome, { ...item, attempts }, OPEN_GATE, at);
    expect(change).toMatchObject({
      status,
      reason: "invalid_answer",
      step: "ask",
      attempts: attempts + 1,
      answers: 1,
      alone: true,
    });
    expect(change.dueAt).toBe(NOW + delay);
  });
});

describe("a failed call", () => {
  it.each<[string, AiError]>([
    ["budget_exhausted", new AiError("budget_exhausted", "spent")],
    ["rate_limited", new AiError("rate_limited", "slowly")],
    ["model_unavailable", down],
    ["timeout", new AiError("timeout", "no answer")],
  ])("uses up nothing the first time: %s", (reason, error) => {
    expect(settleOutcome(failed(error), item, OPEN_GATE, at)).toMatchObject({
      status: "waiting",
      reason,
      attempts: 0,
      setbacks: 0,
      answers: 0,
      alone: false,
    });
  });

  it("counts against the item only when others were answered since its last", () => {
    const again = { ...item, setbacks: 2, setback_at: NOW - 10_000 };
    const silent = { ...OPEN_GATE, answered_at: NOW - 20_000 };
    const alive = { ...OPEN_GATE, answered_at: NOW - 1_000 };
    expect(settleOutcome(failed(down), again, silent, at)).toMatchObject({ setbacks: 2, setback_at: NOW });
    expect(settleOutcome(failed(down), again, alive, at)).toMatchObject({ setbacks: 3, status: "waiting" });
    const last = { ...again, setbacks: MOST_SETBACKS - 1 };
    expect(settleOutcome(failed(down), last, alive, at)).toMatchObject({ status: "dead", reason: "model_unavailable" });
    expect(settleOutcome(failed(down), last, silent, at)).toMatchObject({ status: "waiting" });
  });

  it.each<[string, Partial<Gate>, string]>([
    ["the model has just answered others", { answered_at: NOW - 1_000 }, "dead"],
    ["nothing was answered for long", { answered_at: NOW - 3_600_000 }, "waiting"],
    ["all fail, as with a wrong key", { answered_at: NOW - 1_000, failures: FAILURES_THAT_CLOSE }, "waiting"],
  ])("that the model refuses for good, when %s", (_, gate, status) => {
    expect(settleOutcome(failed(refused), item, { ...OPEN_GATE, ...gate }, at)).toMatchObject({ status });
  });
});

describe("a failed call that items share", () => {
  const shared = { ...at, shared: true };
  const alive = { ...OPEN_GATE, answered_at: NOW - 1_000 };

  it("is not the death of all when the model refuses it: each is asked alone", () => {
    expect(settleOutcome(failed(refused), item, alive, shared)).toMatchObject({ status: "waiting", alone: true });
  });

  it("is asked again as it is at first, then alone", () => {
    expect(settleOutcome(failed(down), item, alive, shared)).toMatchObject({ status: "waiting", alone: false });
    const before = { ...item, setbacks: 2, setback_at: NOW - 10_000 };
    expect(settleOutcome(failed(down), before, alive, shared)).toMatchObject({ status: "waiting", alone: true });
    expect(settleOutcome(failed(down), before, OPEN_GATE, shared)).toMatchObject({ alone: false });
  });
});

describe("the gate", () => {
  it.each<[string, AiError, Partial<Gate>, number | null]>([
    ["stays open after a failure", down, {}, null],
    ["closes after several in a row", down, { failures: FAILURES_THAT_CLOSE - 1 }, 5_000],
    ["stays closed longer each time", down, { failures: FAILURES_THAT_CLOSE - 1, probes: 3 }, 40_000],
    ["never for longer than five minutes at once", down, { failures: 99, probes: 99 }, 300_000],
    ["is looked at at once after a refusal out of the blue", refused, {}, 0],
    ["stays open after a refusal while others are answered", refused, { answered_at: NOW - 1 }, null],
    ["closes when calls come too fast, as long as the model says", limited(20_000), {}, 20_000],
    ["closes when the budget is spent, for an hour at most", spent(86_400_000), {}, 3_600_000],
    ["closes for a minute at least", spent(10), {}, 60_000],
    ["opens soon when the budget is only held by calls under way", held(), {}, 5_000],
    ["takes no notice of an invalid answer", new AiError("invalid_answer", "no"), { failures: 99 }, null],
  ])("%s", (_, error, gate, pause) => {
    const closing = closingOf(error, { ...OPEN_GATE, ...gate }, NOW);
    expect(closing && closing.until - NOW).toBe(pause);
  });
});

describe("the backoff", () => {
  it.each([
    [1, 0, 1_000],
    [1, 1, 2_000],
    [3, 1, 8_000],
    [50, 1, 120_000],
  ])("before attempt %i with chance %d is %i ms", (attempt, random, ms) => expect(backoffMs(attempt, random)).toBe(ms));
});

function limited(retryAfterMs: number): AiError {
  return new AiError("rate_limited", "slowly", { retryAfterMs });
}

function spent(retryAfterMs: number): AiError {
  return new AiError("budget_exhausted", "spent", { retryAfterMs });
}

function held(): AiError {
  return new AiError("budget_exhausted", "held", { budget: { scope: "stack", ceiling: 1, held: true } });
}
