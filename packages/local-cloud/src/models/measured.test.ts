import { expect, it } from "vitest";
import { measured } from "./measured.ts";
import type { TextPart, TextRequest, Usage } from "./text-model.ts";

const request: TextRequest = {
  model: "m",
  messages: [{ role: "user", content: "12345678" }],
  maxTokens: 9,
  format: { type: "text" },
};
const never = new AbortController().signal;

async function* broken(text: string | undefined): AsyncIterable<TextPart> {
  if (text !== undefined) yield { type: "text", text };
  throw new Error("broken");
}

const read = async (parts: AsyncIterable<TextPart>) => {
  const told: Usage[] = [];
  const reading = async () => {
    for await (const _ of measured(parts, request, never, (usage) => told.push(usage)));
  };
  await expect(reading()).rejects.toThrow("broken");
  return told;
};

it("counts what came until a stream broke", async () => {
  expect(await read(broken("abcdefgh"))).toEqual([{ prompt_tokens: 6, completion_tokens: 2, total_tokens: 8 }]);
});

it("tells nothing of a stream that broke before its first part", async () => {
  expect(await read(broken(undefined))).toEqual([]);
});
