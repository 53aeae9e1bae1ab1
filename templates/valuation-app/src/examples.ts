import type { CategoryName } from "./domain/category.ts";

/** Things to try. */
export const EXAMPLES: readonly {
  readonly name: string;
  readonly description: string;
  readonly category: CategoryName;
}[] = [
  {
    name: "a bass",
    description: "1967 Fender Jazz Bass, sunburst, all original, a few chips in the lacquer",
    category: "instrument",
  },
  {
    name: "a watch",
    description: "Omega Speedmaster Professional from 1971, hesalite glass, on its steel bracelet, serviced last year",
    category: "jewellery",
  },
  {
    name: "a bicycle",
    description: "Steel touring bicycle, Columbus tubing, repainted dark green, ridden every day for ten years",
    category: "sport",
  },
  {
    name: "a first edition",
    description: "The Hitchhiker’s Guide to the Galaxy, first paperback edition of 1979, spine a little creased",
    category: "book",
  },
];
