import { expect, it } from "vitest";
import { readHistorySearch } from "./history-search.ts";

it.each<[string, Record<string, unknown>, object]>([
  [
    "everything",
    { search: "1967", category: "book", tier: "S", origin: "ai" },
    { search: "1967", category: "book", tier: "S", origin: "ai" },
  ],
  ["a form with nothing chosen", { search: "", category: "", tier: "", origin: "" }, {}],
  ["what does not exist", { category: "spaceship", tier: "Z", origin: "oracle", colour: "red" }, {}],
  ["what is no text", { search: 7, before: ["val"] }, {}],
])("an address’s search with %s", (_, raw, read) => {
  expect(readHistorySearch(raw)).toEqual(read);
});
