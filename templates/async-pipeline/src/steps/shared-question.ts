import type { AnswerShape } from "@tenner/worker-kit/ai";
import * as z from "zod";

/** What is said to a model that gets several items at once, after the instructions for one. */
export const SHARING_RULE =
  "You are given several numbered items. Treat each by itself, as if the others were not there, and give one answer for each number.";

/** Numbers the items of a shared question from 1. */
export function sharedPrompt(materials: readonly string[]): string {
  return materials.map((text, index) => `<item number="${index + 1}">\n${text}\n</item>`).join("\n");
}

/** The parts of a shared answer, as the model numbered them; what they hold is still to be checked one by one. */
export type SharedAnswer = readonly { readonly item: number; readonly answer: unknown }[];

const Loose = z.object({ answers: z.array(z.unknown()) });
const Part = z.object({ item: z.coerce.number(), answer: z.unknown() });

/**
 * The shape of an answer to several items at once. The model is told the whole schema; what comes is checked only as far
 * as its parts can be told apart, so that one bad part does not spoil the others.
 */
export function sharedShape(answer: z.ZodType): AnswerShape<SharedAnswer> {
  const whole = z.object({ answers: z.array(z.object({ item: z.int().min(1), answer })) });
  return {
    jsonSchema: z.toJSONSchema(whole, { io: "input" }),
    check(value) {
      const read = Loose.safeParse(value);
      if (!read.success) return { ok: false, problems: ['/answers must be a list of {"item", "answer"}'] };
      return {
        ok: true,
        value: read.data.answers.flatMap((each) => {
          const part = Part.safeParse(each);
          return part.success ? [part.data] : [];
        }),
      };
    },
  };
}

/**
 * One item's part of a shared answer, checked.
 *
 * @param number from 1
 */
export function partOf(
  answers: SharedAnswer,
  number: number,
  shape: AnswerShape<unknown>,
): { ok: true; value: unknown } | { ok: false; message: string } {
  const parts = answers.filter(({ item }) => item === number);
  const [part] = parts;
  if (!part) return { ok: false, message: "the shared answer left it out" };
  if (parts.length > 1) return { ok: false, message: "the shared answer had several parts for it" };
  const checked = shape.check(part.answer);
  return checked.ok ? checked : { ok: false, message: checked.problems.slice(0, 5).join("; ") };
}
