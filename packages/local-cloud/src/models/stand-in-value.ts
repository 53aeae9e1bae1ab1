import { chooseLabel } from "./choose-label.ts";
import { findNumber, findText } from "./find-by-name.ts";
import { bestSentences, contentWords } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";
import { textForPattern } from "./text-for-pattern.ts";

type Schema = Readonly<Record<string, unknown>>;

interface Search extends Conversation {
  /** The whole schema, for `$ref`. */
  root: Schema;
  depth: number;
}

/** Deeper than this a recursive schema takes only what it must. */
const DEEP = 8;

/**
 * A value that fits `schema`, for the field at `path`: found in the subject where it can be, else a labelled text or a
 * harmless number. Reads what structured output of models takes: types, enum, const, $ref, anyOf, oneOf, allOf,
 * bounds, lengths, counts, formats, patterns.
 */
export function valueFor(schema: Schema, path: readonly string[], search: Search): unknown {
  const deeper = { ...search, depth: search.depth + 1 };
  if (typeof schema["$ref"] === "string") return valueFor(resolve(schema["$ref"], search.root), path, deeper);
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return chooseLabel(schema["enum"], search.subject);
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return oneOf(choices.map(asSchema), path, deeper);
  if (Array.isArray(schema["allOf"])) return valueFor(merge(schema), path, deeper);
  const types = typesOf(schema);
  if (types.length > 1)
    return oneOf(
      types.map((type) => ({ ...schema, type })),
      path,
      deeper,
    );
  switch (types[0]) {
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
      return textFor(schema, path, search);
  }
}

/** The first choice that is not null; but null where the subject has no value for a plain field. */
function oneOf(choices: readonly Schema[], path: readonly string[], search: Search): unknown {
  const choice = choices.find((one) => one["type"] !== "null");
  if (!choice) return null;
  const mayBeNull = choices.some((one) => one["type"] === "null");
  if (mayBeNull && (search.depth > DEEP || (isPlain(choice) && !isKnown(choice, path, search)))) return null;
  return valueFor(choice, path, search);
}

function objectFor(schema: Schema, path: readonly string[], search: Search): Record<string, unknown> {
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"].map(String) : []);
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(asSchema(schema["properties"] ?? {}))) {
    const field = asSchema(property);
    const optional = !required.has(name);
    if (optional && (search.depth > DEEP || (isPlain(field) && !isKnown(field, [...path, name], search)))) continue;
    result[name] = valueFor(field, [...path, name], search);
  }
  const others = asSchema(schema["additionalProperties"]);
  for (const name of required) if (!(name in result)) result[name] = valueFor(others, [...path, name], search);
  const least = numberIn(schema, "minProperties") ?? 0;
  for (let number = 1; Object.keys(result).length < least; number++) {
    result[`stand_in_${number}`] = valueFor(others, [...path, `stand_in_${number}`], search);
  }
  return result;
}

function arrayFor(schema: Schema, path: readonly string[], search: Search): unknown[] {
  if (Array.isArray(schema["prefixItems"]))
    return schema["prefixItems"].map((item) => valueFor(asSchema(item), path, search));
  const least = numberIn(schema, "minItems") ?? 0;
  const most = numberIn(schema, "maxItems") ?? Number.POSITIVE_INFINITY;
  const item = asSchema(schema["items"] ?? {});
  if (search.depth > DEEP && least === 0) return [];
  const items = itemsFor(item, path, search, Math.min(most, Math.max(least, 3)));
  for (let number = items.length; items.length < least; number++) items.push(filler(item, path, search, number));
  return items.slice(0, Math.max(least, Math.min(most, items.length)));
}

function itemsFor(item: Schema, path: readonly string[], search: Search, count: number): unknown[] {
  if (Array.isArray(item["enum"])) {
    const words = contentWords(search.subject);
    const named = item["enum"].filter((label) => contentWords(String(label)).some((word) => words.includes(word)));
    return named.length > 0 ? named.slice(0, count) : [chooseLabel(item["enum"], search.subject)].slice(0, count);
  }
  if (!isFreeText(item)) {
    return count === 0 ? [] : [valueFor(item, path, search)];
  }
  const keywords = /tag|keyword|topic|label|entit|name|categor|skill/i.test(path.at(-1) ?? "");
  const texts = keywords
    ? frequentWords(search.subject, count)
    : bestSentences(search.subject, count, search.instruction);
  return texts.map((text) => fitLength(text, item));
}

/** One more item that differs from the others where it can. */
function filler(item: Schema, path: readonly string[], search: Search, number: number): unknown {
  if (Array.isArray(item["enum"])) return item["enum"][number % item["enum"].length];
  const value = valueFor(item, path, search);
  if (typeof value === "number") return clamp(value + number * (numberIn(item, "multipleOf") ?? 1), item);
  return isFreeText(item) ? fitLength(`[stand-in] ${path.at(-1) ?? "item"} ${number + 1}`, item) : value;
}

function numberFor(schema: Schema, path: readonly string[], search: Search): number {
  const name = path.at(-1) ?? "";
  const found = findNumber(name, search.subject);
  if (found !== undefined && Number.isFinite(found)) return clamp(found, schema);
  const [low, high] = boundsOf(schema);
  if (low !== undefined && high !== undefined && high - low <= 1000) return clamp((low + high) / 2, schema);
  return clamp(/confidence|score|probability|certainty/i.test(name) ? 0.5 : 0, schema);
}

/** The nearest number that bounds, step and type of the schema allow. */
function clamp(value: number, schema: Schema): number {
  const [low, high] = boundsOf(schema);
  const step = stepOf(schema);
  let result = Math.min(high ?? value, Math.max(low ?? value, value));
  if (step === undefined) return result;
  result = Math.round(result / step) * step;
  if (low !== undefined && result < low) result = Math.ceil(low / step) * step;
  if (high !== undefined && result > high) result = Math.floor(high / step) * step;
  // 3 × 0.1 is 0.30000000000000004
  return Number(result.toPrecision(12));
}

function stepOf(schema: Schema): number | undefined {
  return numberIn(schema, "multipleOf") ?? (typesOf(schema)[0] === "integer" ? 1 : undefined);
}

/** The least and the greatest number allowed. Bounds of safe integers, which zod always writes, are none. */
function boundsOf(schema: Schema): [number | undefined, number | undefined] {
  const nudge = stepOf(schema) ?? 1e-6;
  const above = numberIn(schema, "exclusiveMinimum");
  const below = numberIn(schema, "exclusiveMaximum");
  const low = above === undefined ? numberIn(schema, "minimum") : above + nudge;
  const high = below === undefined ? numberIn(schema, "maximum") : below - nudge;
  return [low === Number.MIN_SAFE_INTEGER ? undefined : low, high === Number.MAX_SAFE_INTEGER ? undefined : high];
}

function booleanFor(path: readonly string[], search: Search): boolean {
  const name = (path.at(-1) ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
  const said = new RegExp(`\\b${name.replace(/\W+/g, "\\W*")}\\b\\W*(yes|true|no|false)\\b`, "i").exec(
    search.subject,
  )?.[1];
  if (said !== undefined) return /^(yes|true)$/i.test(said);
  return chooseLabel([name.replace(/^(is|has|needs|requires) /, ""), "other"], search.subject) !== "other";
}

function textFor(schema: Schema, path: readonly string[], search: Search): string {
  const name = path.at(-1) ?? "answer";
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
function write(name: string, search: Search): string {
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

/** Whether any text will do. */
function isFreeText(schema: Schema): boolean {
  const bound = ["format", "pattern", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"].some(
    (keyword) => keyword in schema,
  );
  return typesOf(schema)[0] === "string" && !bound;
}

/** Whether a field holds one value, so that it may be missing in the subject. */
function isPlain(schema: Schema): boolean {
  return (
    /^(string|number|integer)$/.test(typesOf(schema)[0] ?? "") &&
    !("enum" in schema) &&
    !("const" in schema) &&
    !("$ref" in schema)
  );
}

function isKnown(schema: Schema, path: readonly string[], { subject }: Search): boolean {
  const name = path.at(-1) ?? "";
  if (typesOf(schema)[0] !== "string") return findNumber(name, subject) !== undefined;
  if (GENERATED.test(name) || WRITTEN.test(name)) return true;
  return findText(name, subject, typeof schema["format"] === "string" ? schema["format"] : undefined) !== undefined;
}

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

function fitLength(text: string, schema: Schema): string {
  const characters = [...text];
  const most = numberIn(schema, "maxLength") ?? Number.POSITIVE_INFINITY;
  const least = numberIn(schema, "minLength") ?? 0;
  if (characters.length > most) return characters.slice(0, most).join("");
  return text + ".".repeat(Math.max(0, least - characters.length));
}

function frequentWords(text: string, count: number): string[] {
  const frequency = new Map<string, number>();
  for (const word of contentWords(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return [...frequency]
    .sort((a, b) => b[1] - a[1] || b[0].length - a[0].length)
    .slice(0, count)
    .map(([word]) => word);
}

function typesOf(schema: Schema): string[] {
  const type = schema["type"];
  if (Array.isArray(type)) return type.map(String);
  if (typeof type === "string") return [type];
  if ("properties" in schema || "additionalProperties" in schema) return ["object"];
  return ["items" in schema ? "array" : "string"];
}

function numberIn(schema: Schema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

function merge(schema: Schema): Schema {
  const { allOf, ...rest } = schema;
  const parts = [...(Array.isArray(allOf) ? allOf.map(asSchema) : []), rest];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part["properties"] ?? {})),
    required: parts.flatMap((part) => (Array.isArray(part["required"]) ? part["required"] : [])),
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
