import type { AiError } from "@tenner/worker-kit/ai";
import type { WaitReason } from "./batch.ts";

/** Whether a tenant's items may go: a row of `gates`. Times in ms. */
export interface Gate {
  /** Of models, in a row. */
  readonly failures: number;
  readonly answered_at: number;
  /** Null: open. */
  readonly reason: WaitReason | null;
  readonly message: string | null;
  readonly since: number | null;
  /** Then it is looked again. */
  readonly until: number | null;
  /** Looks in vain, in a row. */
  readonly probes: number;
}

/** Of a tenant that never asked. */
export const OPEN_GATE: Gate = {
  failures: 0,
  answered_at: 0,
  reason: null,
  message: null,
  since: null,
  until: null,
  probes: 0,
};

/** Why a gate closes, and until when. */
export interface Closing {
  readonly reason: WaitReason;
  readonly message: string;
  readonly until: number;
}

/** So many failures in a row are the model's, not the items'. */
export const FAILURES_THAT_CLOSE = 5;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** A ceiling can be raised before the month ends, so the budget is looked at now and then. */
const BUDGET_LOOK_MS = { shortest: 60_000, longest: 3_600_000, unknown: 300_000 };

/** How long it is until the next look at a model: 5 s, 10 s … 5 min. */
export function pauseMs(probes: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(probes, 20));
}

/** Whether a failed call closes the gate of its tenant. Null: not yet. `gate` is as it was before the failure. */
export function closingOf(error: AiError, gate: Gate, now: number): Closing | null {
  const { code, message, retryAfterMs } = error;
  switch (code) {
    case "budget_exhausted": {
      // What calls under way hold comes back as they end.
      if (error.budget?.held) return { reason: code, message, until: now + FIRST_PAUSE_MS };
      const { shortest, longest, unknown } = BUDGET_LOOK_MS;
      return { reason: code, message, until: now + Math.min(longest, Math.max(shortest, retryAfterMs ?? unknown)) };
    }
    case "rate_limited":
      return { reason: code, message, until: now + Math.max(retryAfterMs ?? 0, pauseMs(gate.probes)) };
    case "model_unavailable":
    case "timeout": {
      const failures = gate.failures + 1;
      // A refusal out of the blue: whether it is the item or the model is found out at once.
      if (!error.retryable && !answeredLately(gate, now)) return { reason: "model_unavailable", message, until: now };
      if (failures < FAILURES_THAT_CLOSE) return null;
      return { reason: "model_unavailable", message, until: now + Math.max(retryAfterMs ?? 0, pauseMs(gate.probes)) };
    }
    case "invalid_answer":
      return null;
  }
}

/** Whether the model has answered the tenant within a minute and failed it seldom since. */
export function answeredLately(gate: Gate, now: number): boolean {
  return gate.answered_at > now - 60_000 && gate.failures < FAILURES_THAT_CLOSE;
}
