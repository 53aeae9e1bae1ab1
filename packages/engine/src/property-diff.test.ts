import { describe, expect, it } from "vitest";
import { changesThatMatch, diffProperties } from "./property-diff.ts";
import { formatPath } from "./property-path.ts";
import { secret, UNKNOWN } from "./values.ts";

const shown = (olds: object, news: object) =>
  diffProperties({ ...olds }, { ...news }).map(
    ({ kind, path, secret: hidden }) => `${kind} ${formatPath(path)}${hidden ? " secret" : ""}`,
  );

describe("diffProperties", () => {
  it.each([
    [{ a: 1 }, { a: 1 }, []],
    [{ a: 1 }, { a: 2, b: 3 }, ["change a", "add b"]],
    [{ a: { b: [1, 2] } }, { a: { b: [1] } }, ["remove a.b[1]"]],
    [{ a: secret("x") }, { a: "x" }, []],
    [{ a: secret("x") }, { a: secret("y") }, ["change a secret"]],
    [{ a: secret({ deep: 1 }) }, { a: { deep: 2 } }, ["change a secret"]],
    [{ a: UNKNOWN }, { a: UNKNOWN }, ["change a"]],
    [{ a: "known" }, { a: UNKNOWN }, ["change a"]],
    [{ a: null }, {}, []],
  ])("%j → %j", (olds, news, expected) => {
    expect(shown(olds, news)).toEqual(expected);
  });
});

describe("changesThatMatch", () => {
  const changes = diffProperties(
    { name: "a", config: { x: 1, y: 1 }, region: "weur" },
    { name: "b", config: { x: 2, y: 1 } },
  );
  it.each([
    [["name"], ["name"]],
    [["config"], ["config.x"]],
    [["config.y"], []],
    [["*"], ["name", "config.x", "region"]],
    [["region"], ["region"]],
    [["region?"], []],
    [["name?"], ["name"]],
  ])("%j", (patterns, expected) => {
    expect(changesThatMatch(changes, patterns)).toEqual(expected);
  });
});
