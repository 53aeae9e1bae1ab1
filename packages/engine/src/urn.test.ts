import { describe, expect, it } from "vitest";
import { aliasUrns, createUrn, matchesTarget } from "./urn.ts";

const place = { project: "lab", stack: "dev" };
const stackUrn = "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev";

describe("createUrn", () => {
  it.each([
    ["", "my:index:Thing", "urn:pulumi:dev::lab::my:index:Thing::a"],
    [stackUrn, "my:index:Thing", "urn:pulumi:dev::lab::my:index:Thing::a"],
    ["urn:pulumi:dev::lab::my:index:Box::b", "my:index:Thing", "urn:pulumi:dev::lab::my:index:Box$my:index:Thing::a"],
    ["urn:pulumi:dev::lab::x:y:Z$my:index:Box::b", "k:l:M", "urn:pulumi:dev::lab::x:y:Z$my:index:Box$k:l:M::a"],
  ])("puts the types of the parents %s before %s", (parent, type, urn) => {
    expect(createUrn(place, parent, type, "a")).toBe(urn);
  });
});

describe("aliasUrns", () => {
  const resource = { ...place, type: "my:index:Thing", name: "new", parent: "urn:pulumi:dev::lab::my:index:Box::box" };

  it.each([
    [{ name: "old" }, "urn:pulumi:dev::lab::my:index:Box$my:index:Thing::old"],
    [{ type: "old:index:Thing" }, "urn:pulumi:dev::lab::my:index:Box$old:index:Thing::new"],
    [{ noParent: true }, "urn:pulumi:dev::lab::my:index:Thing::new"],
    [{ parent: "urn:pulumi:dev::lab::my:index:Crate::c" }, "urn:pulumi:dev::lab::my:index:Crate$my:index:Thing::new"],
    [{ project: "past", stack: "prod" }, "urn:pulumi:prod::past::my:index:Box$my:index:Thing::new"],
    [{ urn: "urn:pulumi:dev::lab::a:b:C::d" }, "urn:pulumi:dev::lab::a:b:C::d"],
  ])("fills what %j leaves out from the resource", (alias, urn) => {
    expect(aliasUrns(resource, [alias], undefined)).toEqual([urn]);
  });

  it("inherits the parent's older URN, also for its own older names, and renames what was named after the parent", () => {
    const child = { ...resource, name: "box-child" };
    expect(aliasUrns(child, [{ name: "box-kid" }], "urn:pulumi:dev::lab::old:index:Box::crate")).toEqual([
      "urn:pulumi:dev::lab::my:index:Box$my:index:Thing::box-kid",
      "urn:pulumi:dev::lab::old:index:Box$my:index:Thing::crate-child",
      "urn:pulumi:dev::lab::old:index:Box$my:index:Thing::crate-kid",
    ]);
  });
});

describe("matchesTarget", () => {
  const urn = "urn:pulumi:dev::lab::my:index:Thing::files-a";
  it.each([
    [urn, true],
    ["urn:pulumi:dev::lab::my:index:Thing::files-b", false],
    ["urn:pulumi:dev::lab::my:index:Thing::files-*", true],
    ["**files-a", true],
    ["**Thing**", true],
    ["*files-a", false],
    ["urn:pulumi:*::lab::*::files-a", true],
  ])("%s: %s", (target, expected) => {
    expect(matchesTarget(urn, target)).toBe(expected);
  });
});
