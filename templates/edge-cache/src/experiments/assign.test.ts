import { Settings } from "@tenner/worker-kit/settings";
import { expect, it } from "vitest";
import { assign } from "./assign.ts";

const experiment = (more: object = {}) =>
  Settings.parse({ experiments: [{ name: "tone", variants: [{ name: "a" }, { name: "b" }], ...more }] }).experiments;

const callers = Array.from({ length: 800 }, (_, place) => `caller-${place}`);

async function dealt(experiments: ReturnType<typeof experiment>, tenant = "ann"): Promise<(string | null)[]> {
  const trials = await Promise.all(callers.map((caller) => assign(experiments, tenant, caller)));
  return trials.map((trial) => trial?.variant.name ?? null);
}

const part = (dealing: (string | null)[], name: string | null) =>
  dealing.filter((each) => each === name).length / dealing.length;

it("gives a caller the same variant each time, and another tenant's caller of that name its own", async () => {
  const first = await dealt(experiment());
  expect(await dealt(experiment())).toEqual(first);
  const others = await dealt(experiment(), "bob");
  expect(others.filter((each, place) => each === first[place]).length).toBeLessThan(480);
});

it("deals by weight, to the share that takes part", async () => {
  const even = await dealt(experiment());
  expect(part(even, "a")).toBeCloseTo(0.5, 1);
  const weighted = await dealt(experiment({ share: 0.4, variants: [{ name: "a", weight: 3 }, { name: "b" }] }));
  expect(part(weighted, null)).toBeCloseTo(0.6, 1);
  expect(part(weighted, "a")).toBeCloseTo(0.3, 1);
  expect(part(weighted, "b")).toBeCloseTo(0.1, 1);
});

it("takes nobody with a share of 0", async () => {
  expect(new Set(await dealt(experiment({ share: 0 })))).toEqual(new Set([null]));
});

it("leaves everybody where they are when the share grows, and moves only the new variant's when one is added", async () => {
  const before = await dealt(experiment({ share: 0.5 }));
  const wider = await dealt(experiment({ share: 0.8 }));
  expect(before.filter((each, place) => each !== null && each !== wider[place])).toEqual([]);
  const more = await dealt(experiment({ variants: [{ name: "a" }, { name: "b" }, { name: "c" }] }));
  const all = await dealt(experiment());
  const moved = more.filter((each, place) => each !== all[place]);
  expect(new Set(moved)).toEqual(new Set(["c"]));
});

it("deals independently in each experiment, and the first that takes a caller has it", async () => {
  const two = Settings.parse({
    experiments: [
      { name: "one", share: 0.5, variants: [{ name: "a" }, { name: "b" }] },
      { name: "two", variants: [{ name: "c" }, { name: "d" }] },
    ],
  }).experiments;
  const dealing = await dealt(two);
  for (const name of ["a", "b", "c", "d"]) expect(part(dealing, name)).toBeCloseTo(0.25, 1);
});
