import { describe, expect, it } from "vitest";
import { hasUnknown, knownOnly, layOver, markAllLike, reveal, secret, UNKNOWN, withoutUndefined } from "./values.ts";

describe("markAllLike", () => {
  it.each([
    [{ a: "x" }, { a: secret("x") }, { a: secret("x") }],
    [{ a: { b: "x", c: 1 } }, { a: { b: secret("x") } }, { a: { b: secret("x"), c: 1 } }],
    [{ l: ["x", "y"] }, { l: ["x", secret("y")] }, { l: ["x", secret("y")] }],
    [{ l: ["x", "y", "z"] }, { l: ["x", secret("y")] }, { l: secret(["x", "y", "z"]) }],
    [{ a: "x", other: 1 }, {}, { a: "x", other: 1 }],
  ])("carries marks over: %j", (target, source, expected) => {
    expect(markAllLike(target, source)).toEqual(expected);
  });
});

describe("layOver", () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 3 }, { a: 1, b: 3 }],
    [{ o: { x: 1, y: 2 } }, { o: { y: 3 } }, { o: { x: 1, y: 3 } }],
    [{ l: [1, 2, 3] }, { l: [4] }, { l: [4] }],
    [{ s: { x: 1 } }, { s: secret({ y: 2 }) }, { s: secret({ x: 1, y: 2 }) }],
  ])("%j under %j", (outputs, inputs, expected) => {
    expect(layOver(outputs, inputs)).toEqual(expected);
  });
});

it("reveals secrets and references at any depth", () => {
  const reference = { "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", urn: "u", id: "i" };
  expect(reveal({ a: [secret({ b: secret("x") })], r: reference })).toEqual({ a: [{ b: "x" }], r: "i" });
});

it("sees unknowns inside lists", () => {
  expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
  expect(knownOnly({ a: [UNKNOWN], b: 1 })).toEqual({ b: 1 });
});

it("drops what protobuf cannot carry", () => {
  expect(withoutUndefined({ a: undefined, b: { c: undefined }, d: [undefined, 1] })).toEqual({ b: {}, d: [null, 1] });
});
