import type { Share } from "../steps/step.ts";

/** A waiting item, as grouping looks at it. */
export interface Groupable {
  readonly position: number;
  readonly group_id: number;
  readonly grouping: "open" | "shared" | "alone";
  readonly release: number;
  readonly lost: number;
  readonly payload_key: string | null;
  /** Bytes. */
  readonly payload_length: number | null;
}

/** Items that go out in one message. */
export interface Grouped {
  readonly positions: readonly number[];
  /** The number of the release to come. */
  readonly release: number;
  readonly lost: number;
}

/**
 * Makes groups of due items. Who has been in a group stays in it, so that a repeat asks the same question; new items
 * join their neighbours as far as the pipeline shares and their payloads lie in one object.
 *
 * @param items members of a group side by side
 * @param most groups
 * @param cut more items are due than are given: the last group may be incomplete, and is left out
 */
export function makeGroups(items: readonly Groupable[], share: Share | null, most: number, cut: boolean): Grouped[] {
  const groups: Groupable[][] = [];
  let bytes = 0;
  for (const item of items) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const length = item.payload_length ?? 0;
    const joins =
      group !== undefined &&
      last !== undefined &&
      last.grouping === item.grouping &&
      fits(item, last, group, bytes, share);
    if (joins) group.push(item);
    else groups.push([item]);
    bytes = joins ? bytes + length : length;
  }
  const whole = cut && groups.length > 1 ? groups.slice(0, -1) : groups;
  return whole.slice(0, most).map((group) => ({
    positions: group.map(({ position }) => position),
    release: Math.max(...group.map(({ release }) => release)) + 1,
    lost: Math.max(...group.map(({ lost }) => lost)),
  }));
}

function fits(
  item: Groupable,
  last: Groupable,
  group: readonly Groupable[],
  bytes: number,
  share: Share | null,
): boolean {
  if (item.grouping === "alone") return false;
  if (item.grouping === "shared") return item.group_id === last.group_id;
  return (
    share !== null &&
    group.length < share.items &&
    bytes + (item.payload_length ?? 0) <= share.bytes &&
    item.payload_key === last.payload_key
  );
}
