import { describe, expect, it } from "vitest";
import { type CacheEntry, freshness, parseEntry } from "./entry.ts";

const entry = { key: "k", tenant: "ann", storedAt: 0, ttl: 60, staleFor: 30 } as CacheEntry; // what is looked at

describe("an entry", () => {
  it.each([
    [60_000, null, "fresh"],
    [61_000, null, "stale"],
    [90_000, null, "stale"],
    [91_000, null, "gone"],
    [10_000, 10, "fresh"],
    [11_000, 10, "gone"],
    [61_000, 600, "stale"],
  ] as const)("at %i ms, wanted at most %s s old, is %s", (at, maxAge, state) => {
    expect(freshness(entry, at, maxAge)).toBe(state);
  });

  it("is not taken for another tenant's or another question's, nor read from what is no JSON", () => {
    const text = JSON.stringify(entry);
    expect(parseEntry(text, "ann", "k")).toEqual(entry);
    expect(parseEntry(text, "bob", "k")).toBeNull();
    expect(parseEntry(text, "ann", "other")).toBeNull();
    expect(parseEntry("{", "ann", "k")).toBeNull();
  });
});
