import { findByName } from "./find-by-name.ts";
import { bestSentences, contentWords } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";

type Schema = Readonly<Record<string, unknown>>;

interface Search extends Conversation {
  /** The whole schema, for `$ref`. */
  root: Schema;
  depth: number;
}

/**
 * A value that fits `schema`, for the field at `path`. Follows what structured output of models takes: types, enum,
 * const, $ref, anyOf/oneOf/allOf, bounds, lengths, formats, patterns of common kinds.
 */
export function valueFor(schema: Schema, path: readonly string[], search: Search): unknown {
  const deeper = { ...search, depth: search.depth + 1 };
  if (typeof schema.$ref === "string") return valueFor(resolve(schema.$ref, search.root), path, deeper);
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return chooseLabel(schema.enum, search);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return valueFor(chooseSchema(choices.map(asSchema)), path, deeper);
  if (Array.isArray(schema.allOf)) return valueFor(merge(schema), path, deeper);
  switch (typeOf(schema)) {
    case "object":
      return objectFor(schema, path, deeper);
    case "array":
      return arrayFor(schema, path, deeper);
    case "integer":
    case "number":
      return numberFor(schema, path, search);
    case "boolean":
      return booleanFor(path, search);
    case "null":
      return null;
    default:
      return stringFor(schema, path, search);
  }
}

function objectFor(schema: Schema, path: readonly string[], search: Search): Record<string, unknown> {
  const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(asSchema(schema.properties ?? {}))) {
    // A recursive schema ends where it may.
    if (search.depth > 8 && !required.has(name)) continue;
    result[name] = valueFor(asSchema(property), [...path, name], search);
  }
  for (const name of required) if (!(name in result)) result[name] = stringFor({}, [...path, name], search);
  return result;
}

function arrayFor(schema: Schema, path: readonly string[], search: Search): unknown[] {
  const least = typeof schema.minItems === "number" ? schema.minItems : 0;
  const most = typeof schema.maxItems === "number" ? schema.maxItems : Number.POSITIVE_INFINITY;
  if (Array.isArray(schema.prefixItems))
    return schema.prefixItems.map((item) => valueFor(asSchema(item), path, search));
  if (search.depth > 8) return [];
  const item = asSchema(schema.items ?? {});
  const count = Math.min(most, Math.max(least, 3));
  if (Array.isArray(item.enum)) {
    const words = new Set(contentWords(search.subject));
    const named = item.enum.filter((label) => contentWords(String(label)).some((word) => words.has(word)));
    const labels = [...named, ...item.enum.filter((label) => !named.includes(label))];
    return labels.slice(0, Math.max(least, Math.min(most, Math.max(1, named.length))));
  }
  if (typeOf(item) === "string" && item.format === undefined && item.pattern === undefined) {
    return listOfTexts(path, search, count, least).map((text) => fitLength(text, item));
  }
  return Array.from({ length: Math.max(least, Math.min(most, 1)) }, () => valueFor(item, path, search));
}

function listOfTexts(path: readonly string[], search: Search, count: number, least: number): string[] {
  const name = path.at(-1) ?? "";
  const found = /tag|keyword|topic|label|entit|name/i.test(name)
    ? frequentWords(search.subject, count)
    : bestSentences(search.subject, count, search.instruction);
  while (found.length < least) found.push(`[stand-in] ${name} ${found.length + 1}`);
  return found;
}

function numberFor(schema: Schema, path: readonly string[], search: Search): number {
  const whole = typeOf(schema) === "integer";
  const name = path.at(-1) ?? "";
  const step = typeof schema.multipleOf === "number" ? schema.multipleOf : whole ? 1 : undefined;
  const low = bound(schema.minimum, schema.exclusiveMinimum, step ?? 1e-6);
  const high = bound(schema.maximum, schema.exclusiveMaximum, -(step ?? 1e-6));
  const found = Number(findByName(name, search.subject, "number") ?? Number.NaN);
  const guess = Number.isFinite(found)
    ? found
    : /confidence|score|probability|certainty/i.test(name)
      ? confidence(low, high)
      : (low ?? 0);
  let value = Math.min(high ?? guess, Math.max(low ?? guess, guess));
  if (step) {
    value = Math.round(value / step) * step;
    if (low !== undefined && value < low) value += step;
    if (high !== undefined && value > high) value -= step;
  }
  return whole ? Math.round(value) : value;
}

function confidence(low: number | undefined, high: number | undefined): number {
  return (low ?? 0) + ((high ?? 1) - (low ?? 0)) / 2;
}

function bound(inclusive: unknown, exclusive: unknown, nudge: number): number | undefined {
  if (typeof exclusive === "number") return exclusive + nudge;
  return typeof inclusive === "number" ? inclusive : undefined;
}

function booleanFor(path: readonly string[], search: Search): boolean {
  const words = contentWords((path.at(-1) ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " "));
  const subject = new Set(contentWords(search.subject));
  return words.some((word) => subject.has(word));
}

function stringFor(schema: Schema, path: readonly string[], search: Search): string {
  const name = path.at(-1) ?? "answer";
  const format = typeof schema.format === "string" ? schema.format : undefined;
  if (format && format in FORMATS) return findByName(name, search.subject, format) ?? FORMATS[format] ?? "";
  if (typeof schema.pattern === "string") return textForPattern(schema.pattern, search.subject) ?? "";
  const found = findByName(name, search.subject, "text");
  if (found !== undefined) return fitLength(found, schema);
  if (/summary|abstract|tldr|description|overview/i.test(name)) return fitLength(summary(search, 2), schema);
  if (/title|headline|subject/i.test(name)) return fitLength(`[stand-in] ${summary(search, 1).slice(0, 80)}`, schema);
  if (/reason|rationale|explanation|why/i.test(name)) {
    return fitLength(`[stand-in] because of: ${frequentWords(search.subject, 3).join(", ")}`, schema);
  }
  return fitLength(`[stand-in] ${name}: ${summary(search, 1)}`.trim(), schema);
}

const summary = (search: Search, count: number) =>
  bestSentences(search.subject, count, search.instruction).join(" ") || search.subject;

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  duration: "PT0S",
  email: "stand-in@example.com",
  uri: "https://example.com/stand-in",
  url: "https://example.com/stand-in",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** Something in the subject, or one of a few common shapes, that the pattern takes. */
function textForPattern(pattern: string, subject: string): string | undefined {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
  const shapes = [
    "stand-in",
    "STANDIN",
    "standin",
    "0",
    "00000",
    "2026-01-01",
    "USD",
    "en",
    "#000000",
    "S1",
    ...Object.values(FORMATS),
  ];
  return [...subject.split(/\s+/), ...shapes].find((candidate) => expression.test(candidate));
}

function fitLength(text: string, schema: Schema): string {
  const most = typeof schema.maxLength === "number" ? schema.maxLength : Number.POSITIVE_INFINITY;
  const least = typeof schema.minLength === "number" ? schema.minLength : 0;
  const characters = [...text];
  if (characters.length > most) return characters.slice(0, most).join("");
  return characters.length < least ? text.padEnd(least + text.length - characters.length, ".") : text;
}

/** The label that shares most words with the subject; else one the instruction does not help with: the first. */
function chooseLabel(labels: readonly unknown[], { subject }: Conversation): unknown {
  const words = contentWords(subject);
  const scored = labels.map((label) => ({
    label,
    score: overlap(contentWords(String(label).replaceAll("_", " ")), words),
  }));
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a), scored[0] ?? { label: null, score: 0 });
  if (best.score > 0) return best.label;
  return (
    labels.find((label) => /^(other|general|neutral|unknown|normal|medium|none)$/i.test(String(label))) ?? best.label
  );
}

/** How many of the words occur; a common beginning of five letters ("bill", "billing") counts half. */
function overlap(label: readonly string[], words: readonly string[]): number {
  let score = 0;
  for (const one of label) {
    if (words.includes(one)) score += 1;
    else if (words.some((word) => shareStem(one, word))) score += 0.5;
  }
  return score;
}

function shareStem(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length, 5);
  return length >= 4 && a.slice(0, length) === b.slice(0, length);
}

function frequentWords(text: string, count: number): string[] {
  const frequency = new Map<string, number>();
  for (const word of contentWords(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return [...frequency]
    .sort((a, b) => b[1] - a[1] || b[0].length - a[0].length)
    .slice(0, count)
    .map(([word]) => word);
}

function typeOf(schema: Schema): string {
  const type = schema.type;
  if (Array.isArray(type)) return String(type.find((one) => one !== "null") ?? "null");
  if (typeof type === "string") return type;
  if ("properties" in schema) return "object";
  return "items" in schema ? "array" : "string";
}

/** The first choice that is not null. */
function chooseSchema(choices: readonly Schema[]): Schema {
  return choices.find((choice) => choice.type !== "null") ?? choices[0] ?? {};
}

function merge(schema: Schema): Schema {
  const { allOf, ...rest } = schema;
  const parts = [...(Array.isArray(allOf) ? allOf.map(asSchema) : []), rest];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
    required: parts.flatMap((part) => (Array.isArray(part.required) ? part.required : [])),
  };
}

function resolve(reference: string, root: Schema): Schema {
  let found: unknown = root;
  for (const key of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    found = asSchema(found)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return asSchema(found);
}

/** Foreign schemas may hold `true` or rubbish where a schema belongs: both allow anything. */
function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}
