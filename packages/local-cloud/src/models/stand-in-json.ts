import type { Conversation } from "./stand-in-conversation.ts";
import { valueFor } from "./stand-in-value.ts";

/** An answer that fits a JSON Schema exactly, its values taken from the subject where they can be found there. */
export function answerInJson(conversation: Conversation, schema: Record<string, unknown>): unknown {
  const root =
    Object.keys(schema).length === 0 ? { type: "object", properties: { answer: { type: "string" } } } : schema;
  return valueFor(root, [], { ...conversation, root, depth: 0 });
}
