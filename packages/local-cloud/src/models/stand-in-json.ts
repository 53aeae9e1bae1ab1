import type { Conversation } from "./stand-in-conversation.ts";
import { valueFor } from "./stand-in-value.ts";

/** What JSON mode without a schema answers. */
const ANY_OBJECT = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };

/** An answer that fits a JSON Schema exactly, its values taken from the subject where they can be found there. */
export function answerInJson(conversation: Conversation, schema: Readonly<Record<string, unknown>>): unknown {
  const root = Object.keys(schema).length === 0 ? ANY_OBJECT : schema;
  const subject =
    conversation.context === "" ? conversation.subject : `${conversation.subject}\n${conversation.context}`;
  return valueFor(root, [], { ...conversation, subject, root, depth: 0 });
}
