import type { AiError } from "@tenner/worker-kit/ai";

/** What happens to a job after a failed attempt. */
export type NextStep =
  | { readonly kind: "retry"; readonly at: number; readonly reason: string; readonly counts: boolean }
  | { readonly kind: "fail"; readonly code: string; readonly message: string };

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 120_000;
/** A full budget rarely empties sooner; the job's deadline ends the waiting. */
const BUDGET_DELAY_MS = 300_000;

/** Exponential backoff with jitter: between half and the whole of 2 s, 4 s, 8 s … 2 min. @param random 0 to 1 */
export function backoffMs(attempt: number, random: number): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(delay / 2 + (delay / 2) * random);
}

/** Decides what follows a failure. An empty budget is waited out and uses up no attempt. */
export function afterFailure(
  error: Pick<AiError, "code" | "message" | "retryable" | "retryAfterMs">,
  state: { attempts: number; maxAttempts: number; now: number; deadlineAt: number; random: number },
): NextStep {
  const waits = error.code === "budget_exhausted";
  if (!waits && !error.retryable) return { kind: "fail", code: error.code, message: error.message };
  if (!waits && state.attempts >= state.maxAttempts) {
    return { kind: "fail", code: error.code, message: `${error.message} (after ${state.attempts} attempts)` };
  }
  const delay = Math.max(waits ? BUDGET_DELAY_MS : backoffMs(state.attempts, state.random), error.retryAfterMs ?? 0);
  const at = state.now + delay;
  if (at >= state.deadlineAt) {
    return {
      kind: "fail",
      code: error.code,
      message: `${error.message} (its deadline leaves no time for another attempt)`,
    };
  }
  return { kind: "retry", at, reason: error.code, counts: !waits };
}

/** Seconds between a webhook's attempts: quick at first, then hours, for a day in all. */
const WEBHOOK_DELAYS = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 21_600, 21_600];

/** How long a webhook is tried. */
export const WEBHOOK_WINDOW_MS = 24 * 3_600_000;

/**
 * When to try a webhook again, or null when its 24 hours are over. The last attempt falls on their end.
 *
 * @param attempts made so far
 * @param random 0 to 1, adds up to a tenth
 */
export function nextWebhookAttempt(attempts: number, firstAt: number, now: number, random: number): number | null {
  const end = firstAt + WEBHOOK_WINDOW_MS;
  if (now >= end) return null;
  const seconds = WEBHOOK_DELAYS[Math.min(attempts, WEBHOOK_DELAYS.length) - 1] ?? 5;
  return Math.min(end, now + Math.round(seconds * 1_000 * (1 + random / 10)));
}
