import type { AnswerShape } from "@tenner/worker-kit/ai";
import * as z from "zod";

/** What is said to a model that gets several items at once, after the instructions for one. */
export const SHARING_RULE =
  "You are given several numbered items. Treat each by itself, as if the others were not there, and give the answer to the first as item_1, to the second as item_2, and so on.";

/** Numbers the items of a shared question from 1. */
export function sharedPrompt(materials: readonly string[]): string {
  return materials.map((text, index) => `<item number="${index + 1}">\n${text}\n</item>`).join("\n");
}

/** The parts of a shared answer by the name of their item; what they hold is still to be checked one by one. */
export type SharedAnswer = Readonly<Record<string, unknown>>;

const Loose = z.record(z.string(), z.unknown());
/** @param number from 1 */
const nameOf = (number: number) => `item_${number}`;

/**
 * The shape of an answer to several items at once: one field for each, all of them required, so that a model that is
 * held to a schema can leave none out. What comes is checked only as far as its parts can be told apart, so that one bad
 * part does not spoil the others.
 */
export function sharedShape(answer: z.ZodType, items: number): AnswerShape<SharedAnswer> {
  const names = Array.from({ length: items }, (_, index) => nameOf(index + 1));
  const whole = z.object(Object.fromEntries(names.map((name) => [name, answer])));
  return {
    jsonSchema: z.toJSONSchema(whole, { io: "input" }),
    check(value) {
      const read = Loose.safeParse(value);
      if (!read.success) return { ok: false, problems: [`the answer must be an object of ${names.join(", ")}`] };
      return { ok: true, value: read.data };
    },
  };
}

/**
 * One item's part of a shared answer, checked.
 *
 * @param number from 1
 */
export function partOf(
  answer: SharedAnswer,
  number: number,
  shape: AnswerShape<unknown>,
): { ok: true; value: unknown } | { ok: false; message: string } {
  const name = nameOf(number);
  if (!Object.hasOwn(answer, name)) return { ok: false, message: "the shared answer left it out" };
  const checked = shape.check(answer[name]);
  return checked.ok ? checked : { ok: false, message: checked.problems.slice(0, 5).join("; ") };
}
