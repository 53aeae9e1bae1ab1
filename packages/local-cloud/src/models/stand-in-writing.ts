import { findText } from "./find-by-name.ts";
import { numberIn, type Schema } from "./json-schema.ts";
import { bestSentences, contentWords } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";
import { textForPattern } from "./text-for-pattern.ts";

/** A text for the field of this name that fits format, pattern and lengths. */
export function textFor(schema: Schema, name: string, search: Conversation): string {
  const format = typeof schema["format"] === "string" ? schema["format"] : undefined;
  const pattern = typeof schema["pattern"] === "string" ? schema["pattern"] : undefined;
  const fits = (text: string | undefined): text is string =>
    text !== undefined && (pattern === undefined || matches(pattern, text));
  if (format !== undefined && Object.hasOwn(FORMATS, format)) {
    const found = findText(name, search.subject, format);
    return fits(found) ? found : (FORMATS[format] ?? "");
  }
  const found = findText(name, search.subject);
  if (pattern !== undefined) return fits(found) ? found : (textForPattern(pattern, search.subject) ?? "");
  return fitLength(found ?? write(name, search), schema);
}

/** A text for a field whose value the subject does not name. */
function write(name: string, search: Conversation): string {
  const summary = (count: number) =>
    bestSentences(search.subject, count, search.instruction).join(" ") || search.subject;
  if (/summary|abstract|tldr|description|overview/i.test(name)) return `[stand-in] ${summary(2)}`;
  if (/title|headline|subject/i.test(name)) return `[stand-in] ${summary(1).slice(0, 80)}`;
  if (GENERATED.test(name)) return `[stand-in] because of: ${frequentWords(search.subject, 3).join(", ")}`;
  return `[stand-in] ${name}: ${summary(1)}`.trim();
}

/** Fields that a model writes rather than finds. */
const GENERATED = /reason|rationale|explanation|why|justification/i;
const WRITTEN = /summary|abstract|tldr|description|overview|title|headline|answer|reply|response|text|message|comment/i;

/** Whether a model writes this field rather than finds it. */
export const isWritten = (name: string) => GENERATED.test(name) || WRITTEN.test(name);

/** Values for formats when the subject has none. Addresses are those set aside for examples. */
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  duration: "PT1S",
  email: "stand-in@example.com",
  uri: "https://example.com/stand-in",
  url: "https://example.com/stand-in",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

/** Cuts or fills a text to the schema's lengths, in characters. */
export function fitLength(text: string, schema: Schema): string {
  const characters = Array.from(text);
  const most = numberIn(schema, "maxLength") ?? Number.POSITIVE_INFINITY;
  const least = numberIn(schema, "minLength") ?? 0;
  if (characters.length > most) return characters.slice(0, most).join("");
  return text + ".".repeat(Math.max(0, least - characters.length));
}

/** The most frequent words that carry meaning. */
export function frequentWords(text: string, count: number): string[] {
  const frequency = new Map<string, number>();
  for (const word of contentWords(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return [...frequency]
    .sort((a, b) => b[1] - a[1] || b[0].length - a[0].length)
    .slice(0, count)
    .map(([word]) => word);
}
