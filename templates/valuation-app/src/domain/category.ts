import { step } from "./preferred-prices.ts";

/** What kind of thing is valued. The names are in keys and in the database: none is ever renamed. */
export const CATEGORY_NAMES = [
  "instrument",
  "electronics",
  "vehicle",
  "jewellery",
  "art",
  "collectible",
  "furniture",
  "fashion",
  "book",
  "sport",
  "tool",
  "property",
  "other",
] as const;
export type CategoryName = (typeof CATEGORY_NAMES)[number];

export interface Category {
  /** As the page writes it. */
  readonly label: string;
  /** First and last step of the usual prices, both included. Part of what a golden test fixes. */
  readonly usual: readonly [first: number, last: number];
  /** US dollars. No answer of a model above it is believed. */
  readonly most: number;
}

export const CATEGORIES: Readonly<Record<CategoryName, Category>> = {
  instrument: { label: "Instrument", usual: [step(100), step(20_000)], most: 50_000_000 },
  electronics: { label: "Electronics", usual: [step(20), step(3_000)], most: 1_000_000 },
  vehicle: { label: "Vehicle", usual: [step(1_000), step(100_000)], most: 150_000_000 },
  jewellery: { label: "Watch or jewellery", usual: [step(51), step(20_000)], most: 100_000_000 },
  art: { label: "Art", usual: [step(100), step(51_000)], most: 500_000_000 },
  collectible: { label: "Collectible", usual: [step(10), step(5_100)], most: 50_000_000 },
  furniture: { label: "Furniture", usual: [step(30), step(5_100)], most: 50_000_000 },
  fashion: { label: "Clothing", usual: [step(10), step(2_000)], most: 10_000_000 },
  book: { label: "Book", usual: [step(2), step(1_000)], most: 50_000_000 },
  sport: { label: "Sport", usual: [step(10), step(5_100)], most: 10_000_000 },
  tool: { label: "Tool", usual: [step(10), step(2_000)], most: 10_000_000 },
  property: { label: "House or land", usual: [step(51_000), step(2_000_000)], most: 900_000_000 },
  other: { label: "Something else", usual: [step(5.1), step(10_000)], most: 900_000_000 },
};
