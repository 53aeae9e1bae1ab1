import type { ChatCompletion } from "@tenner/worker-kit/ai/relay";
import { expect, it } from "vitest";
import { chunksOf, completionOf } from "./completion.ts";

const call = (id: string) => ({ id, type: "function" as const, function: { name: "weather", arguments: '{"c":1}' } });
const completion: ChatCompletion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [
    { index: 0, logprobs: null, finish_reason: "stop", message: { role: "assistant", content: "Hi", refusal: null } },
    {
      index: 1,
      logprobs: null,
      finish_reason: "tool_calls",
      message: { role: "assistant", content: null, refusal: null, tool_calls: [call("a"), call("b")] },
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

it("a whole answer becomes chunks and is whole again, with its choices, its calls of tools and its usage", () => {
  expect(completionOf(chunksOf(completion))).toEqual(completion);
});

it("puts the arguments of a tool's call together from their pieces", () => {
  const chunk = (delta: object) => ({
    id: "1",
    object: "chat.completion.chunk" as const,
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: null }],
  });
  const pieces = [
    chunk({ tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "weather", arguments: "" } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"c"' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
  ];
  expect(completionOf(pieces).choices[0]?.message.tool_calls).toEqual([call("a")]);
});
