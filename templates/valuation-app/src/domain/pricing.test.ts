import { describe, expect, it } from "vitest";
import { formatCount, formatDate, formatTime, formatUsd } from "./format.ts";
import { guilloche } from "./guilloche.ts";
import { ideas } from "./ideas.ts";
import { PriceList } from "./price-list.ts";
import { tierOf } from "./tier.ts";
import { convert, middleOf } from "./token-conversions.ts";
import tokenPrices from "./token-prices.json" with { type: "json" };

describe("the list of token prices", () => {
  const list = PriceList.parse(tokenPrices);

  it("has at least 19 providers, each once, each with its source, and a date", () => {
    expect(new Set(list.providers.map(({ id }) => id)).size).toBe(list.providers.length);
    expect(list.providers.length).toBeGreaterThanOrEqual(19);
    for (const { source } of list.providers) expect(new URL(source).protocol).toBe("https:");
    expect(Date.parse(list.takenOn)).toBeGreaterThan(Date.parse("2026-01-01"));
  });

  it.each([
    ["without a source", { source: "" }],
    ["whose source is no address", { source: "their web page" }],
    ["that costs nothing", { nanoUsdPerRequest: 0 }],
  ])("refuses a provider %s", (_, wrong) => {
    const [first, ...rest] = list.providers;
    expect(PriceList.safeParse({ ...list, providers: [{ ...first, ...wrong }, ...rest] }).success).toBe(false);
  });

  it("is refused with fewer than 19", () => {
    expect(PriceList.safeParse({ ...list, providers: list.providers.slice(0, 18) }).success).toBe(false);
  });
});

describe("convert", () => {
  const list: PriceList = {
    list: "test 1",
    takenOn: "2026-11-21",
    request: { inputTokens: 1_000, outputTokens: 500 },
    providers: [
      { id: "dear", name: "Dear", model: "m", nanoUsdPerRequest: 10_000_000, source: "https://dear.example/" },
      { id: "cheap", name: "Cheap", model: "m", nanoUsdPerRequest: 250_000, source: "https://cheap.example/" },
    ],
  };

  it("counts whole requests, most tokens first", () => {
    const { providers } = convert(101, list);
    expect(providers.map(({ provider, tokens }) => [provider, tokens])).toEqual([
      ["Cheap", 4_040 * 1_500],
      ["Dear", 101 * 1_500],
    ]);
  });

  it("gives nothing for less than one request", () => {
    expect(middleOf({ ...convert(0, list) })).toBe(0);
  });
});

describe("ideas", () => {
  it("are in numbers that a person can picture, at any price", () => {
    expect(ideas(100)).toEqual(["Ask one short question, and get a short answer"]);
    expect(ideas(13_000)[0]).toBe("Have one contract explained");
    for (const tokens of [1_000, 50_000, 2_000_000, 5_000_000_000]) {
      expect(ideas(tokens).length).toBeGreaterThan(0);
      expect(ideas(tokens).join()).not.toContain("{n}");
    }
  });
});

it.each([
  [10_000_000, "S"],
  [9_999_999, "A"],
  [1_000_000, "A"],
  [999_999, "B"],
  [99_999, "C"],
  [10_000, "C"],
  [9_999, "D"],
  [1, "D"],
])("%d cents are tier %s", (cents, tier) => {
  expect(tierOf(cents)).toBe(tier);
});

describe("formats", () => {
  it.each([
    [1, "$0.01"],
    [450, "$4.50"],
    [4_500, "$45"],
    [123_456, "$1,235"],
    [120_000_000, "$1.2 million"],
    [99_999_999_900, "$1 billion"],
  ])("%d cents as %s", (cents, text) => {
    expect(formatUsd(cents)).toBe(text);
  });

  it.each([
    [940, "940"],
    [45_000, "45,000"],
    [21_120_000_000, "21.1 billion"],
    [1e21, "1,000 quintillion"],
  ])("%d tokens as %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("times the same everywhere", () => {
    expect(formatTime(Date.UTC(2026, 10, 21, 9, 5))).toBe("21 November 2026, 09:05 UTC");
    expect(formatDate("2026-11-21")).toBe("21 November 2026");
  });
});

describe("guilloche", () => {
  const hash = "e6b36943af95bd5537151c36c54219f4a6962678f27617df45404e952577802b";

  it("is the same for the same fingerprint, another for another, and stays in its frame", () => {
    expect(guilloche(hash)).toEqual(guilloche(hash));
    expect(guilloche(hash)).not.toEqual(guilloche(hash.split("").reverse().join("")));
    for (const { points } of guilloche(hash)) {
      for (const [x, y] of points) expect(Math.hypot(x, y)).toBeLessThanOrEqual(100);
    }
  });
});
