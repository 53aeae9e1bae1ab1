import { chooseLabel } from "./choose-label.ts";
import { findNumber, findText } from "./find-by-name.ts";
import { asSchema, isFreeText, isPlain, merge, numberIn, resolve, type Schema, typesOf } from "./json-schema.ts";
import { bestSentences, contentWords } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";
import { clamp, numberFor } from "./stand-in-number.ts";
import { fitLength, frequentWords, isWritten, textFor } from "./stand-in-writing.ts";

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
      return numberFor(schema, path.at(-1) ?? "", search.subject);
    case "boolean":
      return booleanFor(path, search);
    case "null":
      return null;
    default:
      return textFor(schema, path.at(-1) ?? "answer", search);
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
    const subject = search.parts?.get(name.toLowerCase());
    result[name] = valueFor(field, [...path, name], subject === undefined ? search : { ...search, subject });
  }
  const others = asSchema(schema["additionalProperties"]);
  for (const name of required)
    if (!Object.hasOwn(result, name)) result[name] = valueFor(others, [...path, name], search);
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
  if (!isFreeText(item)) return count === 0 ? [] : [valueFor(item, path, search)];
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

function booleanFor(path: readonly string[], search: Search): boolean {
  const name = (path.at(-1) ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
  const said = new RegExp(`\\b${name.replace(/\W+/g, "\\W*")}\\b\\W*(yes|true|no|false)\\b`, "i").exec(
    search.subject,
  )?.[1];
  if (said !== undefined) return /^(yes|true)$/i.test(said);
  return chooseLabel([name.replace(/^(is|has|needs|requires) /, ""), "other"], search.subject) !== "other";
}

function isKnown(schema: Schema, path: readonly string[], { subject }: Search): boolean {
  const name = path.at(-1) ?? "";
  if (typesOf(schema)[0] !== "string") return findNumber(name, subject) !== undefined;
  if (isWritten(name)) return true;
  return findText(name, subject, typeof schema["format"] === "string" ? schema["format"] : undefined) !== undefined;
}
