import { AiError } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import { PriceError } from "@tenner/worker-kit/model-prices";
import { Problem } from "@tenner/worker-kit/problem";

/** Why a question got no answer, as it travels from the one who asked to those who wait. */
export interface Failure {
  readonly status: 400 | 429 | 500 | 502 | 503 | 504;
  readonly code: string;
  readonly message: string;
  /** Seconds; null: it was not said. */
  readonly retryAfter: number | null;
  readonly retryable: boolean;
}

const STATUS = { rate_limited: 429, budget_exhausted: 429, invalid_answer: 502, timeout: 504 } as const;

/** Names a failure. What nobody expected is logged, and told as what it is: ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AiError) {
    const { code, message, retryable, retryAfterMs } = error;
    return {
      status: code === "model_unavailable" ? (retryable ? 503 : 400) : STATUS[code],
      code: code === "model_unavailable" && !retryable ? "model_refused" : code,
      message,
      retryAfter: retryAfterMs === undefined ? null : Math.ceil(retryAfterMs / 1_000),
      // A used-up budget does not come back while a client waits.
      retryable: retryable && (code !== "budget_exhausted" || error.budget?.held === true),
    };
  }
  if (error instanceof PriceError) {
    return { status: 400, code: "model_without_price", message: error.message, retryAfter: null, retryable: false };
  }
  log("error", "unexpected_error", { message: String(error), stack: error instanceof Error ? error.stack : undefined });
  const message = "something went wrong here; the request id names it in the log";
  return { status: 500, code: "internal", message, retryAfter: null, retryable: true };
}

/** The failure as an answer. `x-should-retry` is what the `openai` SDK decides by. */
export function problemOf({ status, code, message, retryAfter, retryable }: Failure): Problem {
  return new Problem(status, code, message, {
    headers: {
      "x-should-retry": String(retryable),
      ...(retryAfter !== null && { "retry-after": String(retryAfter) }),
    },
  });
}
