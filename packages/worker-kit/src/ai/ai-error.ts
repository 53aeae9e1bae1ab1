import type { NanoDollars } from "../ledger.ts";

/** Every way in which a question to a model can fail. */
export type AiErrorCode = "budget_exhausted" | "rate_limited" | "model_unavailable" | "invalid_answer" | "timeout";

/** Which ceiling a call met. A tenant is never named: whoever gets the error learns about the caller's own only. */
export interface BudgetFacts {
  /** `stack`, `tenant` and `template` are the ledger's; `gateway` is AI Gateway's own spend limit or credit. */
  readonly scope: "stack" | "tenant" | "template" | "gateway";
  /** Undefined when the gateway did not say it. */
  readonly ceiling: NanoDollars | undefined;
  /** Only worst cases of calls under way stand in the way: there is room again as they end, mostly within seconds. */
  readonly held: boolean;
}

/** A question that got no usable answer. */
export class AiError extends Error {
  override readonly name = "AiError";
  readonly code: AiErrorCode;
  /** False when the same question would fail the same way again. */
  readonly retryable: boolean;
  /** Milliseconds to wait before another attempt, when the model, the gateway or the budget named them. */
  readonly retryAfterMs: number | undefined;
  /** With `budget_exhausted`: the ceiling that was met. */
  readonly budget: BudgetFacts | undefined;

  constructor(
    code: AiErrorCode,
    message: string,
    extra: {
      retryable?: boolean;
      retryAfterMs?: number | undefined;
      budget?: BudgetFacts | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: extra.cause });
    this.code = code;
    this.retryable = extra.retryable ?? code !== "invalid_answer";
    this.retryAfterMs = extra.retryAfterMs;
    this.budget = extra.budget;
  }
}
