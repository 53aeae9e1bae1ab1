import type { ChatRequest } from "../openai/chat-request.ts";
import type { Message } from "./semantic/conversation.ts";

/** Longer messages (UTF-16 units) are mostly material: who asks them again asks them as they are. */
const LONGEST = 1_000;

/**
 * The question of a request that others may be compared with: its last message, when that is one text of a user. Null for
 * every other request: it is only ever equal to itself.
 */
export function comparableQuestion({ messages }: Pick<ChatRequest, "messages">): string | null {
  const last = messages.at(-1);
  if (last?.role !== "user") return null;
  const [part, ...more] = typeof last.content === "string" ? [{ text: last.content }] : (last.content ?? []);
  const text = part?.text.trim() ?? "";
  return more.length === 0 && text !== "" && text.length <= LONGEST ? text : null;
}

/**
 * A request's conversation as the decision reads it, with `question` as its last message. What stands before is equal for
 * all that are compared, for their frames are.
 */
export function conversationWith({ messages }: Pick<ChatRequest, "messages">, question: string): Message[] {
  const before = messages.slice(0, -1).map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join("\n"),
  }));
  return [...before, { role: "user", content: question }];
}
