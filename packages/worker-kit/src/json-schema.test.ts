import { describe, expect, it } from "vitest";
import { canonical, checkJsonSchema, JsonSchema } from "./json-schema.ts";

describe("a JSON Schema given by a caller", () => {
  it.each<[string, unknown, string]>([
    ["pattern", { type: "string", pattern: "a" }, "/pattern"],
    ["$ref", { $ref: "#" }, "/$ref"],
    [
      "format, deep inside",
      { type: "object", properties: { at: { type: "string", format: "date" } } },
      "/properties/at/format",
    ],
    ["oneOf", { oneOf: [] }, "/oneOf"],
    ["an unknown type", { type: "text" }, "/type"],
    ["an empty enum", { enum: [] }, "/enum"],
    ["a negative length", { minLength: -1 }, "/minLength"],
  ])("is refused with %s", (_, schema, path) => {
    const issue = JsonSchema.safeParse(schema).error?.issues[0];
    const key = issue?.code === "unrecognized_keys" ? [issue.keys[0]] : [];
    expect(`/${[...(issue?.path ?? []), ...key].join("/")}`).toBe(path);
  });
});

describe("a value", () => {
  const person: JsonSchema = {
    type: "object",
    properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", minimum: 0 } },
    required: ["name"],
    additionalProperties: false,
  };
  it.each<[JsonSchema, unknown]>([
    [{}, null],
    [person, { name: "Ada" }],
    [person, { name: "Ada", age: 36 }],
    [{ type: ["string", "null"] }, null],
    [{ type: "integer" }, 2.0],
    [{ enum: [{ a: 1, b: 2 }] }, { b: 2, a: 1 }],
    [{ const: 0 }, 0],
    [{ type: "array", items: { type: "number" }, maxItems: 2, uniqueItems: true }, [1, 2]],
    [{ anyOf: [{ type: "string" }, { type: "number", multipleOf: 0.1 }] }, 0.3],
    [{ type: "string", maxLength: 1 }, "😀"],
    [{ type: "object", additionalProperties: { type: "number" } }, { a: 1 }],
    [{ exclusiveMinimum: 0 }, "numbers only"],
  ])("%j takes %j", (schema, value) => {
    expect(JsonSchema.safeParse(schema).error).toBeUndefined();
    expect(checkJsonSchema(schema, value)).toEqual([]);
  });

  it.each<[JsonSchema, unknown, string]>([
    [person, {}, "/name is missing"],
    [person, { name: "" }, "/name must have at least 1 characters"],
    [person, { name: "Ada", age: 1.5 }, "/age must be integer"],
    [person, { name: "Ada", extra: 1 }, "/extra is not in the schema"],
    [person, [], "the answer must be object"],
    [person, null, "the answer must be object"],
    [{ type: "number" }, "1", "the answer must be number"],
    [{ type: "array", items: { type: "number" } }, [1, "2"], "/1 must be number"],
    [{ type: "array", uniqueItems: true }, [{ a: 1 }, { a: 1 }], "the answer must have different items"],
    [{ enum: ["a"] }, "b", 'the answer must be one of ["a"]'],
    [{ const: null }, 0, "the answer must be null"],
    [{ exclusiveMaximum: 1 }, 1, "the answer must be less than 1"],
    [{ multipleOf: 2 }, 3, "the answer must be a multiple of 2"],
    [{ anyOf: [{ type: "string" }] }, 1, "the answer must fit one of anyOf"],
    [{ required: ["toString"] }, {}, "/toString is missing"],
    [{ properties: {}, additionalProperties: false }, { constructor: 1 }, "/constructor is not in the schema"],
    [{ type: "object", additionalProperties: { type: "number" } }, { a: "x" }, "/a must be number"],
    [{ minProperties: 1 }, {}, "the answer must have at least 1 properties"],
  ])("%j refuses %j", (schema, value, problem) => {
    expect(checkJsonSchema(schema, value)).toEqual([problem]);
  });
});

describe("a schema", () => {
  it.each(["minItems", "minLength", "minProperties"])("asks for no more than a model can write: %s", (keyword) => {
    expect(JsonSchema.safeParse({ [keyword]: 10_000 }).success).toBe(true);
    expect(JsonSchema.safeParse({ [keyword]: 10_001 }).success).toBe(false);
  });
});

describe("canonical", () => {
  it.each([
    [{ b: 1, a: { d: [2, { f: 1, e: 0 }], c: undefined } }, '{"a":{"d":[2,{"e":0,"f":1}]},"b":1}'],
    ["ä\n", '"ä\\n"'],
    [null, "null"],
  ])("%j", (value, text) => {
    expect(canonical(value)).toBe(text);
  });
});
