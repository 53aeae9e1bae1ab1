import { answeredLately, type Gate } from "./gate.ts";
import type { ItemStatus } from "./item.ts";
import type { Outcome } from "./outcome.ts";

/** What is known of an item while it is worked on. */
export interface HeldItem {
  readonly position: number;
  readonly attempts: number;
  readonly setbacks: number;
  /** ms */
  readonly setback_at: number | null;
  readonly answers: number;
}

/** What an outcome makes of an item. */
export interface ItemChange {
  readonly position: number;
  readonly status: Extract<ItemStatus, "waiting" | "done" | "dead">;
  /** Null: as it was. */
  readonly step: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  /** Set when done. */
  readonly output?: unknown;
  readonly attempts: number;
  readonly setbacks: number;
  readonly setback_at: number | null;
  readonly answers: number;
  /** ms; when waiting. */
  readonly dueAt: number;
  /** From now on it is asked by itself. */
  readonly alone: boolean;
}

/** Failures of an item's call while the model answered others, until the item is given up. */
export const MOST_SETBACKS = 10;
/** … and until those who share the call are asked alone: one of them may be what breaks it. */
const SETBACKS_THAT_PART = 3;

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 120_000;

/** Exponential backoff with jitter: between half and the whole of 2 s, 4 s … 2 min. @param random 0 to 1 */
export function backoffMs(attempt: number, random: number): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(delay / 2 + (delay / 2) * random);
}

/**
 * Decides what follows an outcome. Waiting for the budget or for a model uses up nothing: a model's failure counts
 * against an item only when the model has answered its tenant since the item's failure before.
 */
export function settleOutcome(
  outcome: Outcome,
  item: HeldItem,
  gate: Gate,
  at: {
    now: number;
    random: number;
    maxAttempts: number;
    /** The call that failed was also that of other items. */
    shared: boolean;
  },
): ItemChange {
  const same = { ...item, step: null, reason: null, message: null, dueAt: at.now, alone: false };
  switch (outcome.kind) {
    case "done":
      return { ...same, status: "done", output: outcome.output };
    case "dead":
      return { ...same, ...said(outcome), status: "dead", reason: outcome.reason };
    case "unfinished":
      return { ...same, status: "waiting" };
    case "invalid": {
      const attempts = item.attempts + 1;
      const change = {
        ...same,
        ...said(outcome),
        attempts,
        answers: item.answers + 1,
        reason: "invalid_answer",
        alone: true,
      };
      if (attempts >= at.maxAttempts) return { ...change, status: "dead" };
      // The first time alone need not wait: it is another question.
      return {
        ...change,
        status: "waiting",
        dueAt: at.now + (attempts === 1 ? 0 : backoffMs(attempts - 1, at.random)),
      };
    }
    case "broken": {
      const attempts = item.attempts + 1;
      const change = { ...same, ...said(outcome), attempts, reason: "step_failed" };
      if (attempts >= at.maxAttempts) return { ...change, status: "dead" };
      return { ...change, status: "waiting", dueAt: at.now + backoffMs(attempts, at.random) };
    }
    case "failed":
      return afterFailedCall(outcome, item, gate, at, same);
  }
}

function afterFailedCall(
  outcome: Extract<Outcome, { kind: "failed" }>,
  item: HeldItem,
  gate: Gate,
  at: { now: number; random: number; shared: boolean },
  same: Omit<ItemChange, "status">,
): ItemChange {
  const { error, step } = outcome;
  const change = { ...same, step, reason: error.code, message: error.message };
  // Its tenant's gate is closed: that says how long.
  if (error.code === "budget_exhausted" || error.code === "rate_limited") return { ...change, status: "waiting" };

  const answeredSince = item.setback_at !== null && gate.answered_at > item.setback_at;
  if (!error.retryable && (answeredSince || answeredLately(gate, at.now))) {
    // Who of them is meant will be seen when each is asked alone.
    if (at.shared) return { ...change, status: "waiting", alone: true };
    return { ...change, status: "dead", reason: "model_refused" };
  }
  const setbacks = item.setbacks + (answeredSince ? 1 : 0);
  if (setbacks >= MOST_SETBACKS) {
    return {
      ...change,
      status: "dead",
      setbacks,
      message: `${error.message} (${setbacks} times while others were answered)`,
    };
  }
  return {
    ...change,
    status: "waiting",
    setbacks,
    setback_at: at.now,
    alone: at.shared && setbacks >= SETBACKS_THAT_PART,
    dueAt: error.retryable ? at.now + backoffMs(setbacks + 1, at.random) : at.now,
  };
}

function said({ step, message }: { step: string; message: string }): { step: string; message: string } {
  return { step, message: message.slice(0, 1_000) };
}
