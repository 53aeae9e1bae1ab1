import { describe, expect, it } from "vitest";
import { courseInWords, type PricePoint, placePrices } from "./price-history.ts";

const point = (at: number, priceCents: number): PricePoint => ({
  at,
  priceCents,
  confidence: "high",
  model: "a model",
  standIn: false,
});

describe("a price history", () => {
  it("goes from the first to the last, and from the lowest to the highest price", () => {
    expect(placePrices([point(0, 100), point(50, 300), point(100, 200)])).toEqual([
      { x: 0, y: 0 },
      { x: 0.5, y: 1 },
      { x: 1, y: 0.5 },
    ]);
  });

  it("is a level line while nothing moved, and a point in the middle while there is one price", () => {
    expect(placePrices([point(0, 5), point(9, 5)]).map(({ y }) => y)).toEqual([0.5, 0.5]);
    expect(placePrices([point(7, 5)])).toEqual([{ x: 0.5, y: 0.5 }]);
  });

  it.each([
    [[100, 150], "up 50 % in 7 days"],
    [[1_000, 965], "down 3.5 % in 7 days"],
    [[5, 9, 5], "as it was 14 days ago"],
  ])("of %j has gone %s", (prices, change) => {
    expect(courseInWords(prices.map((price, week) => point(week * 7 * 86_400_000, price)))).toBe(change);
  });
});
