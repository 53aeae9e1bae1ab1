import type { AiError } from "@tenner/worker-kit/ai";

/** What happens to a job after a failed attempt. */
export type NextStep =
  /** `deadlineAt` moves along where the waiting is not the job's own fault. */
  | {
      readonly kind: "retry";
      readonly at: number;
      readonly reason: string;
      readonly counts: boolean;
      readonly deadlineAt: number;
    }
  | { readonly kind: "fail"; readonly code: string; readonly message: string };

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 120_000;
/** How often a job that waits for money looks again: a ceiling can be raised before the month ends. */
const BUDGET_CHECK_MS = { shortest: 60_000, longest: 3_600_000, unknown: 300_000 };

/** How long a job waits for money: two months begin in this time, whatever their ceilings. */
const BUDGET_WAIT_MS = 62 * 86_400_000;

/** Exponential backoff with jitter: between half and the whole of 2 s, 4 s, 8 s … 2 min. @param random 0 to 1 */
export function backoffMs(attempt: number, random: number): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(delay / 2 + (delay / 2) * random);
}

/**
 * Decides what follows a failure. Waiting for the budget uses up neither attempts nor the deadline, unless the caller
 * chose that the job then ends.
 */
export function afterFailure(
  error: Pick<AiError, "code" | "message" | "retryable" | "retryAfterMs" | "budget">,
  state: {
    attempts: number;
    maxAttempts: number;
    now: number;
    createdAt: number;
    deadlineAt: number;
    random: number;
    onBudgetExhausted: "wait" | "fail";
  },
): NextStep {
  if (error.code === "budget_exhausted") return withoutBudget(error, state);
  if (!error.retryable) return { kind: "fail", code: error.code, message: error.message };
  if (state.attempts >= state.maxAttempts) {
    return { kind: "fail", code: error.code, message: `${error.message} (after ${state.attempts} attempts)` };
  }
  const at = state.now + Math.max(backoffMs(state.attempts, state.random), error.retryAfterMs ?? 0);
  if (at >= state.deadlineAt) {
    return {
      kind: "fail",
      code: error.code,
      message: `${error.message} (its deadline leaves no time for another attempt)`,
    };
  }
  return { kind: "retry", at, reason: error.code, counts: true, deadlineAt: state.deadlineAt };
}

function withoutBudget(
  { code, message, retryAfterMs, budget }: Parameters<typeof afterFailure>[0],
  { now, createdAt, deadlineAt, random, onBudgetExhausted }: Parameters<typeof afterFailure>[1],
): NextStep {
  if (onBudgetExhausted === "fail") return { kind: "fail", code, message };
  if (now - createdAt > BUDGET_WAIT_MS) return { kind: "fail", code, message: `${message} (for two months)` };
  const { shortest, longest, unknown } = BUDGET_CHECK_MS;
  // What calls under way hold is free again soon. Jobs that wait for it come back at different times.
  const delay = budget?.held ? backoffMs(4, random) : Math.min(longest, Math.max(shortest, retryAfterMs ?? unknown));
  return { kind: "retry", at: now + delay, reason: code, counts: false, deadlineAt: deadlineAt + delay };
}
