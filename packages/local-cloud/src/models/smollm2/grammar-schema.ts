import { asSchema, merge, numberIn, resolve, type Schema } from "../json-schema.ts";

/** Longest text, in characters, of a field whose schema sets no limit: a small model seldom ends one by itself. */
const LONGEST_TEXT = 240;
/** Most items of an array whose schema sets no limit. */
const MOST_ITEMS = 8;
/** A schema may name itself; so deep it is followed. */
const DEEPEST = 8;
/** A grammar's counts above this slow every token down; the limit is left to whoever checks the answer. */
const LARGEST_COUNT = 1000;

/**
 * A JSON Schema in the few words that `node-llama-cpp` makes a grammar of. What it has no word for (`pattern`,
 * `minimum`) is left out: answers have the right form, their values are the model's own. Whatever sets no limit to
 * texts and arrays gets one, which still fits the schema.
 *
 * @see https://node-llama-cpp.withcat.ai/guide/grammar
 */
export function grammarSchema(schema: Schema, root: Schema = schema, depth = 0): Record<string, unknown> {
  const inner = (value: unknown) => grammarSchema(asSchema(value), root, depth + 1);
  if (depth > DEEPEST) return { type: "null" };
  if (typeof schema["$ref"] === "string") return grammarSchema(resolve(schema["$ref"], root), root, depth + 1);
  if (Array.isArray(schema["allOf"])) {
    const parts = schema["allOf"].map(asSchema);
    const followed = parts.map((part) => (typeof part["$ref"] === "string" ? resolve(part["$ref"], root) : part));
    return grammarSchema(merge({ ...schema, allOf: followed }), root, depth + 1);
  }
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return { oneOf: choices.map(inner) };
  if ("const" in schema) return { const: schema["const"] };
  if (Array.isArray(schema["enum"])) return { enum: schema["enum"] };
  const { type } = schema;
  if (Array.isArray(type)) return { oneOf: type.map((each) => inner({ ...schema, type: each })) };
  if (type === "object" || (type === undefined && "properties" in schema)) return objectOf(schema, inner);
  if (type === "array" || (type === undefined && "items" in schema)) return arrayOf(schema, inner);
  if (type === "number" || type === "integer" || type === "boolean" || type === "null") return { type };
  return textOf(schema);
}

function objectOf(schema: Schema, inner: (value: unknown) => unknown): Record<string, unknown> {
  const properties = Object.entries(asSchema(schema["properties"]));
  if (properties.length === 0) {
    const values = schema["additionalProperties"];
    const any = values === undefined || typeof values === "boolean";
    return { type: "object", additionalProperties: any ? { type: "string", maxLength: LONGEST_TEXT } : inner(values) };
  }
  return {
    type: "object",
    properties: Object.fromEntries(properties.map(([name, value]) => [name, inner(value)])),
    required: Array.isArray(schema["required"]) ? schema["required"] : [],
    additionalProperties: false,
  };
}

function arrayOf(schema: Schema, inner: (value: unknown) => unknown): Record<string, unknown> {
  const least = numberIn(schema, "minItems") ?? 0;
  const most = numberIn(schema, "maxItems") ?? Math.max(least, MOST_ITEMS);
  return {
    type: "array",
    items: inner(schema["items"]),
    ...(least <= LARGEST_COUNT && { minItems: least }),
    ...(most <= LARGEST_COUNT && { maxItems: most }),
  };
}

function textOf(schema: Schema): Record<string, unknown> {
  const format = schema["format"];
  if (format === "date-time" || format === "date" || format === "time") return { type: "string", format };
  const least = numberIn(schema, "minLength") ?? 0;
  const most = numberIn(schema, "maxLength") ?? Math.max(least, LONGEST_TEXT);
  return {
    type: "string",
    ...(least <= LARGEST_COUNT && { minLength: least }),
    ...(most <= LARGEST_COUNT && { maxLength: most }),
  };
}
