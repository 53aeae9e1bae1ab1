import type { ChatMessage } from "./text-model.ts";

/** A conversation as the stand-in looks at it. */
export interface Conversation {
  /** What the model is told to do: system messages and the user's own instruction line. */
  instruction: string;
  /** The text it is to work on: the newest user message without a leading instruction line. */
  subject: string;
}

/**
 * Splits a conversation into what is asked and what it is asked about. A first line that ends with a colon
 * ("Summarise the following text:") is an instruction; a text fenced by ``` or """ is the subject.
 */
export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const system = messages.filter((message) => message.role === "system").map((message) => message.content);
  const user = messages.findLast((message) => message.role === "user")?.content ?? messages.at(-1)?.content ?? "";
  const fenced =
    /^([\s\S]*?)(?:```\w*|"""|<(document|text|email|content|input|context)>)\n?([\s\S]+?)(?:```|"""|<\/\2>)([\s\S]*)$/.exec(
      user,
    );
  if (fenced) {
    const [, before = "", , inside = "", after = ""] = fenced;
    return { instruction: [...system, before, after].join("\n").trim(), subject: inside.trim() };
  }
  const lines =
    /^([^\n]{1,200}:)\s*\n([\s\S]+)$/.exec(user.trim()) ?? /^([A-Z][^\n:]{5,120}:)\s+([\s\S]+)$/.exec(user.trim());
  if (lines) return { instruction: [...system, lines[1]].join("\n").trim(), subject: (lines[2] ?? "").trim() };
  return { instruction: system.join("\n").trim(), subject: user.trim() };
}
