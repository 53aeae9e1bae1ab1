import { describe, expect, it } from "vitest";
import { LLAMA, workersAiFixture } from "./workers-ai-fixture.ts";

const WEATHER = {
  name: "get_weather",
  description: "Current weather at a location",
  parameters: {
    type: "object",
    properties: { location: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
    required: ["location", "unit"],
  },
};
const REFUND = {
  name: "refundOrder",
  description: "Gives a customer the money back",
  parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
};
const tools = [REFUND, WEATHER];
const wrapped = tools.map((tool) => ({ type: "function", function: tool }));
const question = { role: "user", content: "What is the weather in Paris, in fahrenheit?" };
const sunny = { location: "Paris", unit: "fahrenheit" };

const workersAi = workersAiFixture();
const run = (inputs: object) => workersAi.run(LLAMA, inputs);
interface Chat {
  choices: {
    message: { content: string | null; tool_calls?: { id: string; function: { name: string; arguments: string } }[] };
    finish_reason: string;
  }[];
}
const post = (body: object) => workersAi.post("v1/chat/completions", { model: LLAMA, ...body });
const chat = async (body: object) => {
  const answer = (await (await post(body)).json()) as Chat;
  return { ...answer.choices[0], calls: answer.choices[0]?.message.tool_calls ?? [] };
};

describe("a tool", () => {
  it.each([
    ["Workers AI's form", tools],
    ["OpenAI's form", wrapped],
  ])("is called when the question fits it, in %s, with arguments from the question", async (_, given) => {
    const answer = await run({ messages: [question], tools: given });
    expect(answer).toMatchObject({ response: null, tool_calls: [{ name: "get_weather", arguments: sunny }] });
    const { calls, finish_reason, message } = await chat({ messages: [question], tools: given });
    expect([finish_reason, message?.content]).toEqual(["tool_calls", null]);
    expect(calls).toMatchObject([{ id: expect.stringMatching(/^call_/), type: "function" }]);
    expect(JSON.parse(calls[0]?.function.arguments ?? "")).toEqual(sunny);
  });

  it("is left alone when the question does not fit it, or none may be called", async () => {
    const joke = { role: "user", content: "Tell me a joke" };
    expect(await chat({ messages: [joke], tools: wrapped })).toMatchObject({ calls: [], finish_reason: "stop" });
    const quiet = await chat({ messages: [question], tools: wrapped, tool_choice: "none" });
    expect(quiet).toMatchObject({ calls: [], message: { content: expect.stringMatching(/^\[stand-in\]/) } });
  });

  it("is called when it must be, whatever the question", async () => {
    const joke = { role: "user", content: "Tell me a joke" };
    expect((await chat({ messages: [joke], tools: wrapped, tool_choice: "required" })).calls).toHaveLength(1);
    const named = { type: "function", function: { name: "refundOrder" } };
    expect((await chat({ messages: [question], tools: wrapped, tool_choice: named })).calls).toMatchObject([
      { function: { name: "refundOrder" } },
    ]);
  });

  it("is not called again once it has answered; its result is told", async () => {
    const { calls } = await chat({ messages: [question], tools: wrapped });
    const messages = [
      question,
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", tool_call_id: calls[0]?.id, content: "It is 77 degrees and sunny." },
    ];
    const after = await chat({ messages, tools: wrapped });
    expect(after).toMatchObject({ calls: [], message: { content: expect.stringContaining("77 degrees and sunny") } });
    const native = [
      question,
      { role: "assistant", content: "", tool_calls: [{ name: "get_weather", arguments: sunny }] },
      { role: "tool", name: "get_weather", content: '{"temperature":77}' },
    ];
    expect(await run({ messages: native, tools })).toMatchObject({ response: expect.stringContaining("77") });
  });

  it("is called in a stream, its arguments after its name", async () => {
    const text = await (await post({ messages: [question], tools: wrapped, stream: true })).text();
    const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(
      ([, chunk = ""]) =>
        JSON.parse(chunk) as {
          choices: { delta: { tool_calls?: [{ function: { arguments: string } }] }; finish_reason: string | null }[];
        },
    );
    const deltas = chunks.map(({ choices }) => choices[0]?.delta.tool_calls?.[0]).filter((delta) => delta);
    expect(deltas[0]).toMatchObject({ index: 0, function: { name: "get_weather", arguments: "" } });
    expect(JSON.parse(deltas.map((delta) => delta?.function.arguments).join(""))).toEqual(sunny);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toContain("tool_calls");
  });

  it.each<[string, object, number, number]>([
    ["without a name", { tools: [{ description: "x" }] }, 400, 5004],
    [
      "that is not there but must be called",
      { tools: wrapped, tool_choice: { type: "function", function: { name: "x" } } },
      400,
      5004,
    ],
    ["required of none", { tool_choice: "required" }, 400, 5004],
    ["as code (`functions`)", { functions: [{ name: "x", code: "y" }] }, 501, 7501],
  ])("%s is refused", async (_, body, status, code) => {
    const response = await post({ messages: [question], ...body });
    expect([response.status, await response.json()]).toMatchObject([status, { errors: [{ code }] }]);
  });
});

it("ends an answer before a stop sequence, streamed or not", async () => {
  const messages = [{ role: "user", content: "one two three four" }];
  const whole = (await chat({ messages })).message?.content ?? "";
  const cut = await chat({ messages, stop: ["three"] });
  expect(whole).toContain("three");
  expect(cut).toMatchObject({ finish_reason: "stop", message: { content: whole.slice(0, whole.indexOf("three")) } });
  const text = await (await post({ messages, stop: "three", stream: true })).text();
  const pieces = [...text.matchAll(/"content":("[^"]*")/g)].map(([, piece = ""]) => JSON.parse(piece) as string);
  expect(pieces.join("")).toBe(cut.message?.content);
});
