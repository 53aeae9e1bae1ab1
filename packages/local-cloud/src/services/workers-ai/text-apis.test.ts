import { describe, expect, it } from "vitest";
import { LLAMA, workersAiFixture } from "./workers-ai-fixture.ts";

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { name: "get_weather", description: "The weather in a city" };
const question = "What is the weather in Rome?";

const workersAi = workersAiFixture();
const post = (endpoint: string, body: object) => workersAi.post(`v1/${endpoint}`, { model: LLAMA, ...body });
const ask = async (endpoint: string, body: object) => (await post(endpoint, body)).json() as Promise<unknown>;

interface Event {
  type: string;
  [field: string]: unknown;
}
/** Server-sent events whose names stand in their data, too. */
async function stream(endpoint: string, body: object): Promise<Event[]> {
  const response = await post(endpoint, { ...body, stream: true });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const text = await response.text();
  return [...text.matchAll(/event: (.+)\ndata: (.+)\n\n/g)].map(([, name, data = ""]) => {
    const event = JSON.parse(data) as Event;
    expect(event.type).toBe(name);
    return event;
  });
}
const typesOf = (events: Event[]) => events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

describe("Responses", () => {
  it("answer a text, with instructions and usage", async () => {
    expect(
      await ask("responses", { instructions: "Be kind.", input: "Hello there", max_output_tokens: 50 }),
    ).toMatchObject({
      object: "response",
      status: "completed",
      model: LLAMA,
      instructions: "Be kind.",
      output: [
        {
          type: "message",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: expect.stringContaining("Hello there"), annotations: [] }],
        },
      ],
      usage: { input_tokens: 13, output_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    });
  });

  it("are incomplete when their tokens are used up", async () => {
    expect(await ask("responses", { input: "Hello there, how are you?", max_output_tokens: 3 })).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
  });

  it("hold to a JSON schema", async () => {
    const format = { type: "json_schema", name: "place", schema: parameters, strict: true };
    const answer = (await ask("responses", { input: "City: Rome", text: { format } })) as {
      output: { content: { text: string }[] }[];
    };
    expect(JSON.parse(answer.output[0]?.content[0]?.text ?? "")).toEqual({ city: "Rome" });
  });

  it("call tools and take their results", async () => {
    const tools = [{ type: "function", ...weather, parameters }];
    const first = (await ask("responses", { input: question, tools })) as { output: { call_id: string }[] };
    expect(first.output).toMatchObject([{ type: "function_call", name: "get_weather", arguments: '{"city":"Rome"}' }]);
    const result = { type: "function_call_output", call_id: first.output[0]?.call_id, output: "31 degrees" };
    const input = [{ role: "user", content: [{ type: "input_text", text: question }] }, ...first.output, result];
    expect(await ask("responses", { input, tools })).toMatchObject({
      output: [{ type: "message", content: [{ text: expect.stringContaining("31 degrees") }] }],
    });
  });

  it("stream text from its creation to its completion", async () => {
    const events = await stream("responses", { input: "Hello there" });
    expect(typesOf(events)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, number) => number));
    const text = events.map((event) => (event.type.endsWith("text.delta") ? String(event["delta"]) : "")).join("");
    expect(events.at(-1)).toMatchObject({ response: { output: [{ content: [{ text }] }], usage: expect.any(Object) } });
  });

  it("stream a tool's call", async () => {
    const events = await stream("responses", {
      input: question,
      tools: [{ type: "function", ...weather, parameters }],
    });
    expect(typesOf(events).slice(2, -1)).toEqual([
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
    ]);
  });
});

describe("Messages", () => {
  const tools = [{ ...weather, input_schema: parameters }];

  it("answer a text, with a system text and usage", async () => {
    const messages = [{ role: "user", content: [{ type: "text", text: "Hello there" }] }];
    expect(await ask("messages", { system: "Be kind.", max_tokens: 50, messages })).toMatchObject({
      type: "message",
      role: "assistant",
      model: LLAMA,
      content: [{ type: "text", text: expect.stringContaining("Hello there") }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 13, output_tokens: expect.any(Number) },
    });
  });

  it("call tools and take their results", async () => {
    const user = { role: "user", content: question };
    const first = (await ask("messages", { max_tokens: 50, messages: [user], tools })) as { content: { id: string }[] };
    expect(first).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", name: "get_weather", input: { city: "Rome" } }],
    });
    const result = { type: "tool_result", tool_use_id: first.content[0]?.id, content: "31 degrees" };
    const messages = [user, { role: "assistant", content: first.content }, { role: "user", content: [result] }];
    expect(await ask("messages", { max_tokens: 50, messages, tools })).toMatchObject({
      stop_reason: "end_turn",
      content: [{ type: "text", text: expect.stringContaining("31 degrees") }],
    });
  });

  it("name the sequence that stopped them, streamed or not", async () => {
    const body = {
      max_tokens: 50,
      messages: [{ role: "user", content: "one two three four" }],
      stop_sequences: ["four", "three"],
    };
    const stopped = { stop_reason: "stop_sequence", stop_sequence: "three" };
    expect(await ask("messages", body)).toMatchObject({
      content: [{ text: expect.stringMatching(/two $/) }],
      ...stopped,
    });
    expect((await stream("messages", body)).at(-2)).toMatchObject({ type: "message_delta", delta: stopped });
  });

  it("stream text and calls as blocks", async () => {
    const of = (content: string, rest: object) =>
      stream("messages", { max_tokens: 5, messages: [{ role: "user", content }], ...rest });
    const types = [
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ];
    const text = await of("Hello there, how are you?", {});
    expect(typesOf(text)).toEqual(types);
    expect(text.at(-2)).toMatchObject({ delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 5 } });
    const call = await of(question, { tools, tool_choice: { type: "any" } });
    expect(typesOf(call)).toEqual(types);
    expect(call).toContainEqual(
      expect.objectContaining({ delta: { type: "input_json_delta", partial_json: '{"city":"Rome"}' } }),
    );
  });
});

it.each<[string, string, object, number, number]>([
  ["a response without input", "responses", {}, 400, 5004],
  ["a response that goes on from another", "responses", { input: "x", previous_response_id: "resp_1" }, 501, 7501],
  ["OpenAI's own tools", "responses", { input: "x", tools: [{ type: "web_search" }] }, 501, 7501],
  ["a message without max_tokens", "messages", { messages: [{ role: "user", content: "x" }] }, 400, 5004],
  [
    "an image in a message",
    "messages",
    { max_tokens: 9, messages: [{ role: "user", content: [{ type: "image", source: {} }] }] },
    501,
    7501,
  ],
])("refuses %s", async (_, endpoint, body, status, code) => {
  const response = await post(endpoint, body);
  expect([response.status, await response.json()]).toMatchObject([status, { errors: [{ code }] }]);
});
