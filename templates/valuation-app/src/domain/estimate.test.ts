import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXAMPLES } from "../examples.ts";
import { SPECIMEN } from "../specimen.ts";
import { CATEGORIES, CATEGORY_NAMES, type CategoryName } from "./category.ts";
import { fingerprint, MOST_CHARACTERS, readDescription } from "./description.ts";
import { estimate } from "./estimate.ts";
import { centsAt, step } from "./preferred-prices.ts";

const estimateOf = async (description: string, category: CategoryName) =>
  estimate(description, category, await fingerprint(description, category));

describe("estimate", () => {
  // Golden: these are promised for ever. A change here is a change of what people were told.
  it.each<[string, CategoryName, number, string]>([
    ["1967 Fender Jazz Bass, sunburst, all original, a few chips in the lacquer", "instrument", 330_000, "medium"],
    ["1967 Fender Jazz Bass, sunburst, all original, a few chips in the lacquer", "other", 200_000, "low"],
    ["a", "electronics", 39_000, "medium"],
    ["كتاب قديم من بيروت", "book", 680, "low"],
    ["Ein Grundstück am See, 800 m²", "property", 16_000_000, "low"],
    ["DROP TABLE valuations; --", "tool", 15_000, "low"],
  ])("of %j as %s is the same for ever", async (description, category, cents, confidence) => {
    expect(await estimateOf(description, category)).toMatchObject({ priceCents: cents, confidence });
  });

  it("is the same however the description is typed", async () => {
    const typed = ["Café table, 1920", "  CAFÉ   table,\n1920 ", "Cafe\u0301 table, 1920", "Ｃafé table, 1920"];
    const prices = await Promise.all(typed.map(async (text) => (await estimateOf(text, "furniture")).priceCents));
    expect(new Set(prices).size).toBe(1);
  });

  it("stays within what things of its category usually cost, and reaches both ends", () => {
    for (const category of CATEGORY_NAMES) {
      const [first, last] = CATEGORIES[category].usual;
      const priceOf = (start: string) => estimate("x", category, start.padEnd(64, "0")).priceCents;
      expect(priceOf("00000000")).toBe(centsAt(first));
      expect(priceOf("ffffffff")).toBe(centsAt(last));
      fc.assert(
        fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (hash) => {
          const { priceCents } = estimate("x", category, hash);
          return priceCents >= centsAt(first) && priceCents <= centsAt(last);
        }),
      );
    }
  });

  it("names a long description by its beginning, cut between words", async () => {
    const { itemName } = await estimateOf(`${"word ".repeat(40)}end`, "other");
    expect(itemName).toBe(`${"word ".repeat(12).trim()}…`);
    expect((await estimateOf(`Lamp\nwith a long story ${"x".repeat(100)}`, "other")).itemName).toBe("Lamp");
  });

  it("is what the first page shows as its example", async () => {
    const [first] = EXAMPLES;
    if (!first) throw new Error("there is no example");
    const hash = await fingerprint(first.description, first.category);
    expect(SPECIMEN.fingerprint).toBe(hash);
    expect(SPECIMEN.priceCents).toBe(estimate(first.description, first.category, hash).priceCents);
  });
});

describe("fingerprint", () => {
  it("is golden", async () => {
    expect(await fingerprint("A lamp", "furniture")).toBe(
      "b2635ef6c1f0a55784f60bb141e3b14ad10f23294efccf2e7c831b7e48aa4784",
    );
  });

  it("tells categories, and what stands in the description, apart", async () => {
    const prints = await Promise.all([
      fingerprint("a lamp", "furniture"),
      fingerprint("a lamp", "art"),
      fingerprint("a lamp!", "furniture"),
      fingerprint("C", "book"),
      fingerprint("C++", "book"),
    ]);
    expect(new Set(prints).size).toBe(5);
  });
});

describe("readDescription", () => {
  it.each([
    ["", "Describe what you own"],
    [" \n ", "Describe what you own"],
    ["🎸", "no letter or number"],
    ["x".repeat(MOST_CHARACTERS + 1), "1 character too many"],
    ["x".repeat(MOST_CHARACTERS + 1_200), "1,200 characters too many"],
  ])("refuses %j", (raw, words) => {
    const read = readDescription(raw);
    expect(read.ok ? "taken" : read.problem).toContain(words);
  });

  it("takes what is exactly long enough, and leaves control characters out", () => {
    expect(readDescription("x".repeat(MOST_CHARACTERS))).toEqual({ ok: true, text: "x".repeat(MOST_CHARACTERS) });
    expect(readDescription("a\u0000b\r\nc\u001b")).toEqual({ ok: true, text: "a b\nc" });
  });
});

describe("preferred prices", () => {
  it("are steps and back", () => {
    for (const dollars of [1, 20, 51, 2_000, 51_000, 2_000_000]) expect(centsAt(step(dollars))).toBe(dollars * 100);
    expect(() => step(50)).toThrow("$50 is not a preferred price");
  });
});
