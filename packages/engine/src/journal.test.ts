import { describe, expect, it } from "vitest";
import type { Checkpoint, ResourceState } from "./checkpoint.ts";
import { Journal } from "./journal.ts";

const state = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn: `urn:pulumi:dev::lab::t:i:T::${name}`,
  custom: true,
  type: "t:i:T",
  inputs: {},
  outputs: {},
  ...more,
});
const urn = (name: string) => state(name).urn;

function journal(resources: ResourceState[]) {
  const written: Checkpoint[] = [];
  const made = new Journal({ resources, pendingOperations: [] }, async (checkpoint) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    written.push(checkpoint);
  });
  return { made, written, last: () => written.at(-1)?.resources.map((one) => one.urn.split("::").at(-1)) };
}

describe("what is written", () => {
  it("has what is needed before what needs it, wherever this run put it", async () => {
    const { made, last } = journal([
      state("base"),
      state("provider"),
      state("user", { dependencies: [urn("base")], provider: `${urn("provider")}::id` }),
    ]);
    const [, , user] = made.base;
    if (user) made.settle(user, { ...user, protect: true });
    await made.save();
    expect(last()).toEqual(["base", "provider", "user"]);
  });

  it("refers to nothing that is gone, and to new names", async () => {
    const { made, written } = journal([
      state("gone"),
      state("old"),
      state("user", { dependencies: [urn("gone"), urn("old")], parent: urn("old") }),
    ]);
    const [gone, old] = made.base;
    if (gone) made.remove(gone);
    made.rename(urn("old"), urn("new"));
    if (old) made.settle(old, { ...old, urn: urn("new") });
    await made.save();
    expect(written.at(-1)?.resources.find((one) => one.urn === urn("user"))).toMatchObject({
      dependencies: [urn("new")],
      parent: urn("new"),
    });
  });

  it("joins saves that come while one is under way", async () => {
    const { made, written } = journal([]);
    const saves = ["a", "b", "c", "d"].map((name) => {
      made.settle(undefined, state(name));
      return made.save();
    });
    await Promise.all(saves);
    expect(written.map(({ resources }) => resources.length)).toEqual([1, 4]);
  });

  it("is not written when nothing has changed", async () => {
    const { made, written } = journal([state("a")]);
    const [a] = made.base;
    if (a) made.settle(a, a);
    await made.saveIfChanged();
    expect(written).toEqual([]);
  });
});
