import type { ChatMessage } from "./text-model.ts";

/** A conversation as the stand-in looks at it. */
export interface Conversation {
  /** What the model is told to do: system messages, and what the user says around the material. */
  instruction: string;
  /** The text it is to work on, or the question it is asked. */
  subject: string;
  /** Material to answer from, as retrieval brings it. Often empty. */
  context: string;
  /** Numbered pieces of it that are to be answered one by one, by the names that answers go by: `item_2`. */
  parts?: ReadonlyMap<string, string>;
}

/** `<item number="2">…</item>` */
const NUMBERED = /<([a-z][\w-]*) number="(\d{1,4})">\s*([\s\S]*?)\s*<\/\1>/gi;
const TAGGED = /<([a-z][\w-]*)>\s*([\s\S]*?)\s*<\/\1>/gi;
const FENCED = /(```\w*|""")\n?([\s\S]+?)(?:```|""")/g;
/** Names of tags whose text is asked about; where one is there, the other tags hold context. */
const ASKED = /^(question|query|message|prompt|request)$/i;

/**
 * Splits a conversation into what is asked and what it is asked about. Material stands in tags or fences, or behind a
 * first line that ends with a colon ("Summarise the following text:"), or is what tools answered.
 */
export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const system = messages.filter((message) => message.role === "system").map((message) => message.content);
  const user = messages.findLast((message) => message.role === "user")?.content ?? messages.at(-1)?.content ?? "";
  const results = messages.slice(messages.findLastIndex(({ role }) => role === "user") + 1);
  const told = results.filter(({ role }) => role === "tool").map(({ content }) => content);
  if (told.length > 0) return { instruction: join(system), subject: user.trim(), context: join(told) };
  const numbered = [...user.matchAll(NUMBERED)];
  if (numbered.length > 0) {
    const subjects = numbered.map(([, name = "", number = "", text = ""]): [string, string] => [
      `${name}_${number}`.toLowerCase(),
      conversationOf([{ role: "user", content: text }]).subject,
    ]);
    const subject = subjects.map(([, text]) => text).join("\n");
    const instruction = join([...system, user.replace(NUMBERED, " ")]);
    return { instruction, subject, context: "", parts: new Map(subjects) };
  }
  const blocks = [...user.matchAll(TAGGED)].map(([, name = "", text = ""]) => ({ name, text }));
  if (blocks.length > 0) {
    const around = user.replace(TAGGED, " ").trim();
    const asked = blocks.filter(({ name }) => ASKED.test(name));
    const others = blocks.filter(({ name }) => !ASKED.test(name));
    const subject = (asked.length > 0 ? asked : others).map(({ text }) => text).join("\n");
    const context = asked.length > 0 ? others.map(({ text }) => text).join("\n") : "";
    return { instruction: join([...system, around]), subject, context };
  }
  const fences = [...user.matchAll(FENCED)].map(([, , text = ""]) => text.trim());
  if (fences.length > 0) {
    return { instruction: join([...system, user.replace(FENCED, " ")]), subject: fences.join("\n"), context: "" };
  }
  const [, line, rest] = /^([^\n]{1,200}:)\s*\n([\s\S]+)$/.exec(user.trim()) ?? [];
  if (line !== undefined && rest !== undefined) {
    // "City: Lisbon" is data, "Extract the city from this text:" is not.
    return { instruction: join([...system, line]), subject: rest.trim(), context: "" };
  }
  const [, verb, text] =
    /^([A-Z][^\n:.]{5,120}\b(?:text|message|email|review|article|following|this)\b[^\n:.]{0,40}):\s+([\s\S]+)$/.exec(
      user.trim(),
    ) ?? [];
  if (verb !== undefined && text !== undefined)
    return { instruction: join([...system, verb]), subject: text, context: "" };
  return { instruction: join(system), subject: user.trim(), context: "" };
}

const join = (texts: readonly string[]) => texts.join("\n").trim();
