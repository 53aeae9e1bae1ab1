import type * as z from "zod";
import type { AskStep, Share, Step } from "../steps/step.ts";

/** Any step, its types checked when the pipeline was put together. */
type AnyStep = Step<unknown, unknown, unknown>;

/** What is done with each item of a batch. One file each in this folder; `index.ts` lists them. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** An item as callers send it. */
  readonly item: z.ZodType;
  /** What a batch may choose for all of its items. */
  readonly options: z.ZodType;
  /** What comes out for an item. */
  readonly result: z.ZodType;
  readonly steps: readonly AnyStep[];
  /** How many items go through together; null: each by itself. */
  readonly share: Share | null;
}

/** A pipeline in the making. */
interface Begun<Current, Options, Result> {
  /** Adds a step that takes what the one before it made. */
  step<Next>(step: Step<Current, Next, Options>): Begun<Next, Options, Result>;
  /** Adds the step that makes the result. */
  last(step: Step<Current, Result, Options>): Pipeline;
}

/**
 * Begins a pipeline. Every step is identified by its name: a renamed one is asked again for items under way.
 *
 * @throws TypeError for two steps of one name
 * @example
 * export const shout = pipeline({ name: "shout", description: "…", item: Item, options: Options, result: Result })
 *   .step(compute("trim", (item) => item.text.trim()))
 *   .last(ask({ name: "shout", instructions: () => "…", material: (text) => text, output: (text) => ({ text }) }));
 */
export function pipeline<Item, Options, Result>(head: {
  readonly name: string;
  readonly description: string;
  readonly item: z.ZodType<Item>;
  readonly options: z.ZodType<Options>;
  readonly result: z.ZodType<Result>;
}): Begun<Item, Options, Result> {
  return begun(head, []);
}

function begun<Current, Options, Result>(
  head: Omit<Pipeline, "steps" | "share">,
  steps: readonly AnyStep[],
): Begun<Current, Options, Result> {
  const added = (step: Step<Current, never, Options> | Step<Current, unknown, Options>): AnyStep[] => {
    if (steps.some(({ name }) => name === step.name)) {
      throw new TypeError(`pipeline ${head.name} has two steps named "${step.name}"`);
    }
    // The chain's types have matched this step with the one before it; the runner hands on what each gives.
    return [...steps, step as AnyStep];
  };
  return {
    step: (step) => begun(head, added(step)),
    last(step) {
      const all = added(step);
      const shared = all.find((each): each is AskStep<unknown, unknown, unknown> & { share: Share } => {
        return each.kind === "ask" && each.share !== null;
      });
      return { ...head, steps: all, share: shared?.share ?? null };
    },
  };
}
