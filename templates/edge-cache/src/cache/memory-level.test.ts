import { expect, it } from "vitest";
import type { CacheEntry } from "./entry.ts";
import { MemoryLevel } from "./memory-level.ts";

const TEXT = "x".repeat(100);
const entry = (key: string, tenant = "ann") => ({ key, tenant }) as CacheEntry; // what it looks at

it("holds no more bytes than it may, and lets go of what was not used for longest", () => {
  const level = new MemoryLevel();
  for (const key of ["a", "b", "c"]) level.put(entry(key), TEXT, 1_200);
  level.get("ann", "a");
  level.put(entry("d"), TEXT, 1_200);
  expect(["a", "b", "c", "d"].map((key) => level.get("ann", key) !== null)).toEqual([true, false, true, true]);
  expect(level.bytes).toBe(1_200);
});

it("takes an answer that is put again once, and none that is larger than all it may hold", () => {
  const level = new MemoryLevel();
  level.put(entry("a"), TEXT, 1_200);
  level.put(entry("a"), TEXT, 1_200);
  level.put(entry("huge"), TEXT.repeat(20), 1_200);
  expect(level.bytes).toBe(400);
  expect(level.get("ann", "huge")).toBeNull();
  level.delete("ann", "a");
  level.delete("ann", "a");
  expect(level.bytes).toBe(0);
});

it("gives a tenant its own only", () => {
  const level = new MemoryLevel();
  level.put(entry("a"), TEXT, 1_200);
  expect(level.get("bob", "a")).toBeNull();
});

it("remembers for a second what no level has, until it is there", () => {
  const level = new MemoryLevel();
  level.miss("ann", "a", 5_000);
  expect([5_000, 5_999, 6_000].map((at) => level.isAbsent("ann", "a", at))).toEqual([true, true, false]);
  expect(level.isAbsent("bob", "a", 5_000)).toBe(false);
  level.put(entry("a"), TEXT, 1_200);
  expect(level.isAbsent("ann", "a", 5_000)).toBe(false);
  for (let number = 0; number < 20_000; number++) level.miss("ann", `${number}`, 7_000);
  expect(level.isAbsent("ann", "0", 7_000)).toBe(false);
  expect(level.isAbsent("ann", "19999", 7_000)).toBe(true);
});
