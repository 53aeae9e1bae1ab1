/** A JSON Schema as others write it: read tolerantly, and only as far as it is needed. */
export type Schema = Readonly<Record<string, unknown>>;

/** The types a value may have; guessed from other keywords where none is named. */
export function typesOf(schema: Schema): string[] {
  const type = schema["type"];
  if (Array.isArray(type)) return type.map(String);
  if (typeof type === "string") return [type];
  if ("properties" in schema || "additionalProperties" in schema) return ["object"];
  return ["items" in schema ? "array" : "string"];
}

/** The number of a keyword such as `minItems`. */
export function numberIn(schema: Schema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

/** One schema in place of an `allOf`. */
export function merge(schema: Schema): Schema {
  const { allOf, ...rest } = schema;
  const parts = [...(Array.isArray(allOf) ? allOf.map(asSchema) : []), rest];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part["properties"] ?? {})),
    required: parts.flatMap((part) => (Array.isArray(part["required"]) ? part["required"] : [])),
  };
}

/** The schema that a `$ref` into the same document names. */
export function resolve(reference: string, root: Schema): Schema {
  let found: unknown = root;
  for (const key of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    found = asSchema(found)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return asSchema(found);
}

/** Foreign schemas may hold `true` or rubbish where a schema belongs: both allow anything. */
export function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}

/** Whether any text will do. */
export function isFreeText(schema: Schema): boolean {
  const bound = ["format", "pattern", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"].some(
    (keyword) => keyword in schema,
  );
  return typesOf(schema)[0] === "string" && !bound;
}

/** Whether a field holds one value, so that it may be missing in the subject. */
export function isPlain(schema: Schema): boolean {
  return (
    /^(string|number|integer)$/.test(typesOf(schema)[0] ?? "") &&
    !("enum" in schema) &&
    !("const" in schema) &&
    !("$ref" in schema)
  );
}
