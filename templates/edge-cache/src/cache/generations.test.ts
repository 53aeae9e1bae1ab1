import { expect, it } from "vitest";
import { HELD_MS, HeldGenerations, isCurrent, scope, stampOf } from "./generations.ts";

it("reads a tenant's numbers at most every few seconds, and serves none that are older than 5 s", async () => {
  let now = 0;
  let generation = 0;
  const held = new HeldGenerations(() => now);
  const current = async () => (await held.of("ann", async () => new Map([["all", generation]]))).get("all");
  expect(await current()).toBe(0);
  generation = 1;
  now = 2_999;
  expect(await current()).toBe(0);
  now = HELD_MS;
  expect(await current()).toBe(1);
});

it("lets one request renew them while the others go on, but not for longer than 5 s", async () => {
  let now = 0;
  let reads = 0;
  const held = new HeldGenerations(() => now);
  const never = new Promise<ReadonlyMap<string, number>>(() => {});
  const read = async () => new Map([["all", ++reads]]);
  await held.of("ann", read);
  now = 4_000;
  // Its request is gone before the answer.
  void held.of("ann", () => never);
  expect((await held.of("ann", read)).get("all")).toBe(1);
  now = HELD_MS;
  expect((await held.of("ann", read)).get("all")).toBe(2);
});

it("counts from when they were asked for: a purge during the read is seen in time", async () => {
  let now = 0;
  const held = new HeldGenerations(() => now);
  await held.of("ann", async () => {
    now = 4_000;
    return new Map([["all", 0]]);
  });
  now = HELD_MS;
  expect((await held.of("ann", async () => new Map([["all", 1]]))).get("all")).toBe(1);
});

it("keeps tenants apart, and forgets one that has purged", async () => {
  const held = new HeldGenerations(() => 0);
  const read = (generation: number) => async () => new Map([["all", generation]]);
  await held.of("ann", read(1));
  await held.of("bob", read(2));
  held.forget("ann");
  expect((await held.of("ann", read(3))).get("all")).toBe(3);
  expect((await held.of("bob", read(4))).get("all")).toBe(2);
});

it("ends an entry when anything that it was made under was purged since", () => {
  const before = new Map([[scope.tag("a"), 3]]);
  const entry = { generations: stampOf(before, [scope.all, scope.tag("a"), scope.key("k")]) };
  expect(isCurrent(entry, before)).toBe(true);
  expect(isCurrent(entry, new Map([...before, [scope.tag("b"), 9]]))).toBe(true);
  for (const name of [scope.all, scope.tag("a"), scope.key("k")]) {
    expect(isCurrent(entry, new Map([...before, [name, 4]]))).toBe(false);
  }
  // A number that was forgotten is another one, too.
  expect(isCurrent(entry, new Map())).toBe(false);
});
