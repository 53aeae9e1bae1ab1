import * as z from "zod";
import { checkJsonSchema, type JsonSchema } from "../json-schema.ts";

/** What a structured answer has to look like, and how that is checked. */
export interface AnswerShape<T> {
  readonly jsonSchema: object;
  check(value: unknown): { ok: true; value: T } | { ok: false; problems: readonly string[] };
}

/** The shape of a zod schema. */
export function zodShape<T>(schema: z.ZodType<T>): AnswerShape<T> {
  return {
    jsonSchema: z.toJSONSchema(schema, { io: "input" }),
    check(value) {
      const result = schema.safeParse(value);
      if (result.success) return { ok: true, value: result.data };
      return { ok: false, problems: result.error.issues.map((issue) => `/${issue.path.join("/")} ${issue.message}`) };
    },
  };
}

/** The shape of a caller's JSON Schema. */
export function jsonSchemaShape(schema: JsonSchema): AnswerShape<unknown> {
  return {
    jsonSchema: schema,
    check(value) {
      const problems = checkJsonSchema(schema, value);
      return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
    },
  };
}

/** Checks what a model said: JSON, JSON in a fence or a sentence, or a value that is parsed already. */
export function checkAnswer<T>(content: unknown, shape: AnswerShape<T>): ReturnType<AnswerShape<T>["check"]> {
  if (typeof content !== "string") return shape.check(content);
  const json = findJson(content);
  return json.found ? shape.check(json.value) : { ok: false, problems: ["the answer is not JSON"] };
}

/** Models like to wrap JSON in a fence or a sentence: takes the text from its first bracket to its last. */
function findJson(text: string): { found: true; value: unknown } | { found: false } {
  const start = text.search(/[[{]/);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  for (const candidate of [text, start >= 0 && end > start ? text.slice(start, end + 1) : ""]) {
    try {
      return { found: true, value: JSON.parse(candidate) };
    } catch {
      // Not this one; the caller learns when none was.
    }
  }
  return { found: false };
}
