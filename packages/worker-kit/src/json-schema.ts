import * as z from "zod";

/**
 * The part of JSON Schema (2020-12) that callers may use to say what an answer has to look like. Everything in it is
 * checked; every other keyword is refused by name, because a constraint that nobody checks is worse than none.
 * `pattern` and `$ref` are left out on purpose: the one can hang the Worker, the other can recurse.
 */
export interface JsonSchema {
  type?: JsonType | JsonType[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  minProperties?: number;
  maxProperties?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  anyOf?: JsonSchema[];
}

const JsonType = z.enum(["object", "array", "string", "number", "integer", "boolean", "null"]);
type JsonType = z.infer<typeof JsonType>;

const count = z.int().min(0).optional();
/** No model writes more, so more could never be met. */
const least = z.int().min(0).max(10_000).optional();
const number = z.number().optional();

/** Parses a schema given by a caller; unknown keywords are refused with their path. `parseJson` bounds its depth. */
export const JsonSchema: z.ZodType<JsonSchema> = z
  .strictObject({
    type: z.union([JsonType, z.array(JsonType).min(1).max(7)]).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.unknown()).min(1).max(1_000).optional(),
    const: z.unknown().optional(),
    get properties() {
      return z.record(z.string(), JsonSchema).optional();
    },
    required: z.array(z.string()).optional(),
    get additionalProperties() {
      return z.union([z.boolean(), JsonSchema]).optional();
    },
    minProperties: least,
    maxProperties: count,
    get items() {
      return JsonSchema.optional();
    },
    minItems: least,
    maxItems: count,
    uniqueItems: z.boolean().optional(),
    minLength: least,
    maxLength: count,
    minimum: number,
    maximum: number,
    exclusiveMinimum: number,
    exclusiveMaximum: number,
    multipleOf: z.number().positive().optional(),
    get anyOf() {
      return z.array(JsonSchema).min(1).max(20).optional();
    },
  })
  // JSON has no undefined, so an optional field is absent or set; zod's type cannot say that.
  .meta({ id: "JsonSchema" }) as unknown as z.ZodType<JsonSchema>;

/** Checks a value and returns what is wrong with it, each with a JSON Pointer; empty when it fits. */
export function checkJsonSchema(schema: JsonSchema, value: unknown, path = ""): string[] {
  const at = path === "" ? "the answer" : path;
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isType(type, value))) return [`${at} must be ${types.join(" or ")}`];

  const wrong: string[] = [];
  const check = (holds: boolean, message: string) => {
    if (!holds) wrong.push(`${at} ${message}`);
  };
  if (schema.enum)
    check(
      schema.enum.some((item) => isEqual(item, value)),
      `must be one of ${JSON.stringify(schema.enum)}`,
    );
  if (schema.const !== undefined) check(isEqual(schema.const, value), `must be ${JSON.stringify(schema.const)}`);
  if (schema.anyOf) {
    check(
      schema.anyOf.some((option) => checkJsonSchema(option, value, path).length === 0),
      "must fit one of anyOf",
    );
  }
  if (typeof value === "string") {
    const length = Array.from(value).length; // In characters, as JSON Schema counts, not in UTF-16 units.
    check(length >= (schema.minLength ?? 0), `must have at least ${schema.minLength} characters`);
    check(length <= (schema.maxLength ?? Infinity), `must have at most ${schema.maxLength} characters`);
  }
  if (typeof value === "number") {
    check(value >= (schema.minimum ?? -Infinity), `must be at least ${schema.minimum}`);
    check(value <= (schema.maximum ?? Infinity), `must be at most ${schema.maximum}`);
    check(value > (schema.exclusiveMinimum ?? -Infinity), `must be more than ${schema.exclusiveMinimum}`);
    check(value < (schema.exclusiveMaximum ?? Infinity), `must be less than ${schema.exclusiveMaximum}`);
    if (schema.multipleOf) {
      const quotient = value / schema.multipleOf;
      check(Math.abs(quotient - Math.round(quotient)) < 1e-9, `must be a multiple of ${schema.multipleOf}`);
    }
  }
  if (Array.isArray(value)) {
    check(value.length >= (schema.minItems ?? 0), `must have at least ${schema.minItems} items`);
    check(value.length <= (schema.maxItems ?? Infinity), `must have at most ${schema.maxItems} items`);
    if (schema.uniqueItems) check(new Set(value.map(canonical)).size === value.length, "must have different items");
    const { items } = schema;
    if (items) wrong.push(...value.flatMap((item, index) => checkJsonSchema(items, item, `${path}/${index}`)));
  }
  if (isType("object", value)) wrong.push(...checkObject(schema, value as Record<string, unknown>, path));
  return wrong;
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, path: string): string[] {
  const at = path === "" ? "the answer" : path;
  const keys = Object.keys(value);
  const wrong: string[] = [];
  if (keys.length < (schema.minProperties ?? 0))
    wrong.push(`${at} must have at least ${schema.minProperties} properties`);
  if (keys.length > (schema.maxProperties ?? Infinity))
    wrong.push(`${at} must have at most ${schema.maxProperties} properties`);
  for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) wrong.push(`${path}/${key} is missing`);
  for (const key of keys) {
    const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    const rest = schema.additionalProperties;
    if (property) wrong.push(...checkJsonSchema(property, value[key], `${path}/${key}`));
    else if (rest === false) wrong.push(`${path}/${key} is not in the schema`);
    else if (typeof rest === "object") wrong.push(...checkJsonSchema(rest, value[key], `${path}/${key}`));
  }
  return wrong;
}

function isType(type: JsonType, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type; // The remaining types are named as typeof names them.
  }
}

function isEqual(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

/** JSON with sorted keys, so that two equal values give one text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
