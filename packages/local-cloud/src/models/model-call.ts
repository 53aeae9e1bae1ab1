/** What one call of a model used, known when its answer has ended. */
export interface ModelUsage {
  /** As its provider names it. */
  readonly model: string;
  /** `workers-ai`, `openai`, `anthropic` … */
  readonly provider: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Workers AI's unit; 0 for other providers. */
  readonly neurons: number;
  /** US dollars at the model's list price. */
  readonly cost: number;
}

/** Who asks, and what is to be told about it. */
export interface ModelCall {
  readonly accountId: string;
  /** The call's id, in the answer's `id`. */
  readonly id: string;
  /** Ends the call when the caller is gone. */
  readonly signal: AbortSignal;
  /**
   * Whether the caller has a key of another provider: in a header, or put in by the gateway (BYOK). Workers AI needs
   * none. @default true
   */
  readonly hasKey?: boolean;
  /**
   * Called once, when the answer has ended: for JSON before it is given back, for a stream at its end, when it breaks,
   * or when its reader left. Not called where an error takes the place of the answer.
   */
  onUsage?(usage: ModelUsage): void;
}

/** Facts of a call that are not in the model's answer. */
export interface CallFacts {
  readonly id: string;
  /** ms */
  readonly now: number;
  /** As {@link ModelCall.onUsage}. */
  onUsage?(usage: ModelUsage): void;
}
