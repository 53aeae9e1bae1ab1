import type { AiError } from "@tenner/worker-kit/ai";

/** What became of one item when its group went through the pipeline. */
export type Outcome = { readonly position: number } & (
  | { readonly kind: "done"; readonly output: unknown }
  /** It can never pass. */
  | { readonly kind: "dead"; readonly step: string; readonly reason: string; readonly message: string }
  /** A model answered, but nothing that serves this item: it is asked again, alone, as another call. */
  | { readonly kind: "invalid"; readonly step: string; readonly message: string }
  /** A step threw what no step should. */
  | { readonly kind: "broken"; readonly step: string; readonly message: string }
  /** No model answered. Not the item's fault, so far as is known. */
  | { readonly kind: "failed"; readonly step: string; readonly error: AiError }
  /** The time of this turn was over; the next one goes on where it stopped. */
  | { readonly kind: "unfinished" }
);

/** What the answers that were used took. Money in nano-dollars. */
export interface Tally {
  readonly calls: number;
  readonly callsSaved: number;
  readonly tokensSaved: number;
  readonly savedNano: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNano: number;
}

export const NO_TALLY: Tally = {
  calls: 0,
  callsSaved: 0,
  tokensSaved: 0,
  savedNano: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNano: 0,
};

/** Sums tallies. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, each) => ({
      calls: sum.calls + each.calls,
      callsSaved: sum.callsSaved + each.callsSaved,
      tokensSaved: sum.tokensSaved + each.tokensSaved,
      savedNano: sum.savedNano + each.savedNano,
      inputTokens: sum.inputTokens + each.inputTokens,
      outputTokens: sum.outputTokens + each.outputTokens,
      costNano: sum.costNano + each.costNano,
    }),
    NO_TALLY,
  );
}
