/** What the drawings say of the stack that they are drawn in: from its settings and bindings. */
export interface StackFacts {
  readonly gateway: string;
  readonly route: string;
  readonly models: readonly { readonly model: string; readonly attempts: number }[];
  /** null: this stack makes no pictures. */
  readonly imageModel: string | null;
  readonly monthlyUsd: number;
  readonly answerTtlSeconds: number;
  readonly pictureTtlSeconds: number;
  readonly patienceMs: number;
  readonly submissionsPerMinute: number;
  /** null: this stack appraises nothing again. */
  readonly everyDays: number | null;
  /** The part of the budget for that, 0 to 1. */
  readonly budgetShare: number;
  /** Of the list of token prices. */
  readonly providers: number;
  /** The list's date, YYYY-MM-DD. */
  readonly pricesOf: string;
}

/** `llama-3.1-8b-instruct-fast` of `@cf/meta/llama-3.1-8b-instruct-fast`. */
export function shortModel(model: string): string {
  return model.split("/").at(-1) ?? model;
}

/** `1 hour`, `24 hours`, `90 seconds`. */
export function span(seconds: number): string {
  const [value, unit] =
    seconds % 3_600 === 0
      ? [seconds / 3_600, "hour"]
      : seconds % 60 === 0
        ? [seconds / 60, "minute"]
        : [seconds, "second"];
  return `${value.toLocaleString("en-US")} ${unit}${value === 1 ? "" : "s"}`;
}
