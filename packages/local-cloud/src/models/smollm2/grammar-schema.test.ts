import { expect, it } from "vitest";
import { grammarSchema } from "./grammar-schema.ts";

const text = { type: "string", minLength: 0, maxLength: 240 };

it.each([
  ["a text without a limit", { type: "string" }, text],
  [
    "a text's own limits",
    { type: "string", minLength: 2, maxLength: 9 },
    { type: "string", minLength: 2, maxLength: 9 },
  ],
  ["a limit too large to count", { type: "string", maxLength: 5000 }, { type: "string", minLength: 0 }],
  ["a date", { type: "string", format: "date" }, { type: "string", format: "date" }],
  ["a format that no grammar knows", { type: "string", format: "email" }, text],
  ["an enumeration", { type: "string", enum: ["a", "b"] }, { enum: ["a", "b"] }],
  ["a constant", { const: 7 }, { const: 7 }],
  ["several types", { type: ["integer", "null"] }, { oneOf: [{ type: "integer" }, { type: "null" }] }],
  ["anyOf", { anyOf: [{ type: "boolean" }, { type: "null" }] }, { oneOf: [{ type: "boolean" }, { type: "null" }] }],
  [
    "an array",
    { type: "array", items: { type: "number" }, minItems: 2 },
    { type: "array", items: { type: "number" }, minItems: 2, maxItems: 8 },
  ],
  [
    "an object that says nothing of its fields",
    { type: "object" },
    { type: "object", additionalProperties: { type: "string", maxLength: 240 } },
  ],
  ["a schema that allows anything", true, text],
])("reads %s", (_name, schema, expected) => {
  expect(grammarSchema(typeof schema === "object" ? schema : {})).toEqual(expected);
});

it("follows references and merges allOf", () => {
  const schema = {
    $defs: {
      Amount: { type: "integer" },
      Named: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
    allOf: [
      { $ref: "#/$defs/Named" },
      { type: "object", properties: { amount: { $ref: "#/$defs/Amount" } }, required: ["amount"] },
    ],
  };
  expect(grammarSchema(schema)).toEqual({
    type: "object",
    properties: { name: text, amount: { type: "integer" } },
    required: ["name", "amount"],
    additionalProperties: false,
  });
});

it("stops in a schema that names itself", () => {
  const schema = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  expect(JSON.stringify(grammarSchema(schema))).toContain('{"type":"null"}');
});
