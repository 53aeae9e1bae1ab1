import { describe, expect, it } from "vitest";
import { formatPath, markPath, parsePath, resetPath, touches } from "./property-path.ts";
import { secret } from "./values.ts";

describe("parsePath", () => {
  it.each([
    ["a", ["a"]],
    ["a.b[0].c", ["a", "b", 0, "c"]],
    ['a["b.c"].d', ["a", "b.c", "d"]],
    ["list[*].text", ["list", "*", "text"]],
    ["map.*", ["map", "*"]],
    ["*", ["*"]],
  ])("reads %s", (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(["", "a[", "a[b]"])("refuses %j", (text) => {
    expect(() => parsePath(text)).toThrow("not a property path");
  });
});

it("writes a path as it is read", () => {
  expect(formatPath(["a", "b.c", 0, "d"])).toBe('a["b.c"][0].d');
});

describe("touches", () => {
  it.each([
    ["a", "a.b", true],
    ["a.b", "a", true],
    ["a.*.c", "a.x.c", true],
    ["a[*]", "a[3].b", true],
    ["a.b", "a.c", false],
    ["*", "anything[0]", true],
  ])("%s and %s: %s", (pattern, changed, expected) => {
    expect(touches(parsePath(pattern), parsePath(changed))).toBe(expected);
  });
});

describe("resetPath", () => {
  const olds = { a: { b: 1, keep: "old" }, list: [{ x: 1 }, { x: 2 }], gone: "was here", s: secret("old") };
  it.each([
    ["a.b", { a: { b: 9, c: 3 } }, { a: { b: 1, c: 3 } }],
    ["a.b", { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
    ["a.new", { a: { new: 1 } }, { a: {} }],
    ["list[1].x", { list: [{ x: 7 }, { x: 8 }] }, { list: [{ x: 7 }, { x: 2 }] }],
    ["list[*].x", { list: [{ x: 7 }, { x: 8 }, { x: 9 }] }, { list: [{ x: 1 }, { x: 2 }, { x: 9 }] }],
    ["gone", { other: 1 }, { other: 1, gone: "was here" }],
    ["a.*", { a: { b: 5, keep: "new" } }, { a: { b: 1, keep: "old" } }],
    ["s", { s: secret("new") }, { s: secret("old") }],
    ["nowhere.at.all", { a: 1 }, { a: 1 }],
  ])("%s in %j", (path, news, expected) => {
    expect(resetPath(news, olds, parsePath(path))).toEqual(expected);
  });
});

it("marks what a path names as secret", () => {
  const values = { bindings: [{ name: "A", text: "one" }, { name: "B" }] };
  expect(markPath(values, parsePath("bindings[*].text"))).toEqual({
    bindings: [{ name: "A", text: secret("one") }, { name: "B" }],
  });
});
