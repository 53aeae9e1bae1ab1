import { type AnswerShape, zodShape } from "@tenner/worker-kit/ai";
import type * as z from "zod";

/** How many items may share one question. Each gets an answer of its own, and is asked alone when that is not valid. */
export interface Share {
  readonly items: number;
  /** Bytes of their payloads together. */
  readonly bytes: number;
}

/** A pure step: the same input always gives the same output. Its output is not kept; a repeat computes it again. */
interface ComputeStep<Input, Output, Options> {
  readonly kind: "compute";
  readonly name: string;
  /** @throws BadInput for an item that can never pass */
  run(input: Input, options: Options): Output;
}

/** A step that asks a model, once or once for each part of its input. An answer is kept and never asked for again. */
export interface AskStep<Input, Output, Options> {
  readonly kind: "ask";
  readonly name: string;
  readonly share: Share | null;
  /** Tokens of one answer. */
  readonly maxOutputTokens: number;
  readonly temperature: number;
  /** What the model is told; the same for all items of a batch. */
  instructions(options: Options): string;
  /** What each question is about: one text a question. None: nothing has to be asked. */
  materials(input: Input, options: Options): readonly string[];
  /** What an answer looks like; null for plain text. */
  shape(options: Options): { readonly schema: z.ZodType; readonly answer: AnswerShape<unknown> } | null;
  /** Answers in the order of the materials. */
  output(answers: readonly unknown[], input: Input, options: Options): Output;
}

/** One step of a pipeline: its input is the output of the step before it. */
export type Step<Input, Output, Options> = ComputeStep<Input, Output, Options> | AskStep<Input, Output, Options>;

/** The item cannot be processed, now or ever. The message tells its owner what to mend. */
export class BadInput extends Error {
  override readonly name = "BadInput";
}

/** Makes a pure step. */
export function compute<Input, Output, Options>(
  name: string,
  run: (input: Input, options: Options) => Output,
): Step<Input, Output, Options> {
  return { kind: "compute", name, run };
}

interface Asked<Options> {
  readonly name: string;
  instructions(options: Options): string;
  /** @default 512 */
  readonly maxOutputTokens?: number;
  /** 0 to 2. @default 0.2 */
  readonly temperature?: number;
}

/**
 * Makes a step of one question an item.
 *
 * @param step.answer what a valid answer is, by the batch's options; left out: any text
 * @param step.share items may share a question; only with `answer`, by which each one's part is checked
 */
export function ask<Input, Output, Options, Answer = string>(
  step: Asked<Options> & {
    material(input: Input, options: Options): string;
    answer?(options: Options): z.ZodType<Answer>;
    readonly share?: Share;
    output(answer: Answer, input: Input, options: Options): Output;
  },
): Step<Input, Output, Options> {
  if (step.share && !step.answer) throw new TypeError(`step ${step.name}: only checked answers can be shared`);
  return {
    ...base(step),
    share: step.share ?? null,
    materials: (input, options) => [step.material(input, options)],
    shape: (options) => (step.answer ? shapeOf(step.answer(options)) : null),
    // The runner gives what the step's own shape let through, or text where there is none.
    output: ([answer], input, options) => step.output(answer as Answer, input, options),
  };
}

/** Makes a step of several questions an item, whose answers are texts. */
export function askEach<Input, Output, Options>(
  step: Asked<Options> & {
    materials(input: Input, options: Options): readonly string[];
    output(answers: readonly string[], input: Input, options: Options): Output;
  },
): Step<Input, Output, Options> {
  return {
    ...base(step),
    share: null,
    materials: (input, options) => step.materials(input, options),
    shape: () => null,
    // Without a shape every answer is a text.
    output: (answers, input, options) => step.output(answers as readonly string[], input, options),
  };
}

function base<Options>(step: Asked<Options>) {
  return {
    kind: "ask" as const,
    name: step.name,
    maxOutputTokens: step.maxOutputTokens ?? 512,
    temperature: step.temperature ?? 0.2,
    instructions: (options: Options) => step.instructions(options),
  };
}

function shapeOf(schema: z.ZodType): { schema: z.ZodType; answer: AnswerShape<unknown> } {
  return { schema, answer: zodShape<unknown>(schema) };
}
