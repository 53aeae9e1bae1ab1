import { expect, it } from "vitest";
import { withoutReportedErrors } from "./reported-errors.ts";

it.each<[string, string[], string[]]>([
  [
    "an error that is answered too, with its stack",
    ["Error: no: Error: no", "    at diff (<anonymous>:1:2)", "    at next", "then"],
    ["then"],
  ],
  ["a stack of something else", ["Error: no", "    at diff"], ["Error: no", "    at diff"]],
  ["what the provider prints itself", ["a: a", "    at home"], ["a: a", "    at home"]],
])("of what a dynamic provider prints: %s", (_, lines, expected) => {
  const shown: string[] = [];
  const show = withoutReportedErrors((line) => shown.push(line));
  for (const line of lines) show(line);
  expect(shown).toEqual(expected);
});
