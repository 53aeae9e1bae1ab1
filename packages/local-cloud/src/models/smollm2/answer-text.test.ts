import { expect, it } from "vitest";
import { answerText } from "./answer-text.ts";

/** What is shown of these pieces, and after which of them it is over. */
function shown(pieces: string[], stop: string[] = [], json = false): [text: string, over: number | undefined] {
  const answer = answerText(stop, json);
  let text = "";
  for (const [index, piece] of pieces.entries()) {
    const next = answer.add(piece);
    text += next.text;
    if (next.over) return [text, index];
  }
  return [text + answer.rest(), undefined];
}

it.each([
  ["ends before a stop text", ["one ", "two ", "three"], ["two"], "one ", 1],
  ["finds a stop text that is spread over pieces", ["a<", "|en", "d|", ">b"], ["<|end|>"], "a", 3],
  ["ends before the first of several", ["a;b,c"], [",", ";"], "a", 0],
  ["shows at the end what only began like a stop text", ["a<", "|en"], ["<|end|>"], "a<|en", undefined],
  ["goes on where a stop text was only begun", ["a<|e", "x", "y"], ["<|end|>"], "a<|exy", undefined],
  ["finds one that begins inside a false beginning", ["aa", "ab"], ["aab"], "a", 1],
])("%s", (_name, pieces, stop, text, over) => {
  expect(shown(pieces, stop)).toEqual([text, over]);
});

it.each([
  ["an object", ['{"a', '":1', "}", "\n", "\n"], 2],
  ["braces inside a text", ['{"a":"}', '"', "}"], 2],
  ["a number only with what follows it", ["4", "2", "\n"], 2],
  ["a text", ['"ab', '"'], 1],
  ["nothing that is cut off", ['{"a":', "[1,"], undefined],
])("takes JSON for complete: %s", (_name, pieces, over) => {
  expect(shown(pieces, [], true)[1]).toBe(over);
});
