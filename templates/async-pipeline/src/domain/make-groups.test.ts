import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Groupable, makeGroups } from "./make-groups.ts";

const open = (position: number, more: Partial<Groupable> = {}): Groupable => ({
  position,
  group_id: position,
  grouping: "open",
  release: 0,
  lost: 0,
  payload_key: "part",
  payload_length: 10,
  ...more,
});
const SHARE = { items: 3, bytes: 100 };
const positions = (groups: ReturnType<typeof makeGroups>) => groups.map((group) => group.positions);

describe("items", () => {
  it("join their neighbours as far as the pipeline shares", () => {
    const items = [0, 1, 2, 3, 4].map((position) => open(position));
    expect(positions(makeGroups(items, SHARE, 9, false))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(positions(makeGroups(items, null, 9, false))).toEqual([[0], [1], [2], [3], [4]]);
    expect(positions(makeGroups(items, SHARE, 1, false))).toEqual([[0, 1, 2]]);
  });

  it("that are large, or lie in another object, begin a group of their own", () => {
    const items = [open(0), open(1, { payload_length: 95 }), open(2), open(3, { payload_key: "other" })];
    expect(positions(makeGroups(items, SHARE, 9, false))).toEqual([[0], [1], [2], [3]]);
  });

  it("that were grouped stay together, and those to be asked alone stay alone", () => {
    const shared = { grouping: "shared", group_id: 0, release: 2 } as const;
    const items = [
      open(0, shared),
      open(4, shared),
      open(1, { grouping: "alone" }),
      open(2, { grouping: "alone" }),
      open(5),
    ];
    expect(makeGroups(items, SHARE, 9, false)).toEqual([
      { positions: [0, 4], release: 3, lost: 0 },
      { positions: [1], release: 1, lost: 0 },
      { positions: [2], release: 1, lost: 0 },
      { positions: [5], release: 1, lost: 0 },
    ]);
  });

  it("whose group may be cut off by the page wait for the next one", () => {
    const items = [0, 1, 2, 3].map((position) => open(position));
    expect(positions(makeGroups(items, SHARE, 9, true))).toEqual([[0, 1, 2]]);
  });

  it("are in one group each, whatever they are", () => {
    const any = fc.array(
      fc.record({
        grouping: fc.constantFrom("open" as const, "shared" as const, "alone" as const),
        payload_length: fc.nat(120),
        payload_key: fc.constantFrom("a", "b"),
        release: fc.nat(5),
      }),
    );
    fc.assert(
      fc.property(any, (rows) => {
        const items = rows.map((row, position) => open(position, { ...row, group_id: position - (position % 2) }));
        const groups = makeGroups(items, SHARE, 1_000, false);
        expect(groups.flatMap((group) => group.positions)).toEqual(items.map(({ position }) => position));
        for (const group of groups) expect(group.positions.length).toBeLessThanOrEqual(SHARE.items);
      }),
    );
  });
});
