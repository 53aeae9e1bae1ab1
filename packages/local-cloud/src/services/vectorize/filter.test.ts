import { expect, it } from "vitest";
import { meets, parseFilter } from "./filter.ts";
import { indexedMetadata, indexedValue } from "./metadata.ts";

it.each<[object, unknown, boolean]>([
  [{ a: "x" }, "x", true],
  [{ a: "x" }, "X", false],
  [{ a: 1 }, "1", false],
  [{ a: { $eq: true } }, true, true],
  [{ a: { $ne: "x" } }, "y", true],
  [{ a: { $ne: "x" } }, undefined, true],
  [{ a: null }, undefined, true],
  [{ a: { $ne: null } }, 0, true],
  [{ a: { $in: ["x", 7, null] } }, 7, true],
  [{ a: { $in: ["x", 7, null] } }, undefined, true],
  [{ a: { $in: [] } }, "x", false],
  [{ a: { $nin: ["x"] } }, "x", false],
  [{ a: { $nin: ["x"] } }, undefined, true],
  [{ a: { $lt: 5 } }, 5, false],
  [{ a: { $lte: 5 } }, 5, true],
  [{ a: { $gt: 5 } }, 5, false],
  [{ a: { $gte: 5, $lt: 6 } }, 5.5, true],
  [{ a: { $gte: "net", $lt: "neu" } }, "netflix", true],
  [{ a: { $gte: "net", $lt: "neu" } }, "new", false],
  [{ a: { $gt: "\uffff" } }, "\u{1f600}", true],
  [{ a: { $gt: 5 } }, "9", false],
  [{ a: { $gt: 5 } }, undefined, false],
])("%j takes %j: %s", (filter, value, expected) => {
  const [condition] = parseFilter(filter);
  expect(condition && meets(value as string, condition)).toBe(expected);
});

it("holds for all properties, with dots or objects for what lies within", () => {
  const eq = (value: number) => [{ operator: "$eq", value }];
  expect(parseFilter({ "a.b": 1, c: { d: 2, e: { f: { $eq: 3 } } } })).toEqual([
    { propertyName: "a.b", tests: eq(1) },
    { propertyName: "c.d", tests: eq(2) },
    { propertyName: "c.e.f", tests: eq(3) },
  ]);
});

it.each<[string, unknown, RegExp]>([
  ["nothing", {}, /at least one property/],
  ["an unknown operator", { a: { $like: "x" } }, /a: unknown operator "\$like"; there are \$eq/],
  ["an operator at the top", { $or: [] }, /invalid key "\$or"/],
  ["an empty key", { "a..b": 1 }, /invalid key "a\.\.b"/],
  ["a key with a quotation mark", { 'a"': 1 }, /invalid key/],
  ["a key of 513 characters", { ["k".repeat(513)]: 1 }, /longer than 512/],
  ["a list without $in", { a: [1] }, /a: expected a string/],
  ["$in without a list", { a: { $in: "x" } }, /\$in takes a list/],
  ["a range of booleans", { a: { $lt: true } }, /\$lt takes a string or a number/],
  ["two lower bounds", { a: { $gt: 1, $gte: 2 } }, /stand beside each other/],
  ["equality beside a bound", { a: { $eq: 1, $lt: 2 } }, /stand beside each other/],
  ["an empty object", { a: {} }, /a: expected an operator/],
  ["an operator beside a property", { a: { $eq: 1, b: 2 } }, /unknown operator "b"/],
])("refuses %s", (_, filter, message) => {
  expect(() => parseFilter(filter)).toThrow(message);
});

it("holds the first 64 bytes of a text, cut at a whole character, and values of its type only", () => {
  const text = `${"x".repeat(63)}ü`;
  expect(indexedValue({ a: text }, "a", "string")).toBe("x".repeat(63));
  expect(indexedValue({ a: `${"x".repeat(62)}ü!` }, "a", "string")).toBe(`${"x".repeat(62)}ü`);
  expect(indexedValue({ a: { b: 0 } }, "a.b", "number")).toBe(0);
  expect(indexedValue({ a: 7 }, "a", "string")).toBeUndefined();
  expect(indexedValue({ a: "x" }, "a.b", "string")).toBeUndefined();
  expect(indexedValue(undefined, "a", "boolean")).toBeUndefined();
});

it("puts what it holds together like the metadata, whatever the keys", () => {
  const metadata = indexedMetadata([
    ["a.b", 1],
    ["a.c", "x"],
    ["d", undefined],
    ["__proto__.polluted", true],
  ]);
  expect(JSON.stringify(metadata)).toBe('{"a":{"b":1,"c":"x"},"__proto__":{"polluted":true}}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
