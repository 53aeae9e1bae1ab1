import { createServer, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endServers, listen } from "../testing/small-server.ts";
import type { TextRequest } from "./text-model.ts";
import { upstreamText } from "./upstream.ts";

/** What the next request gets, and what the last one said. */
let respond: (response: ServerResponse) => void;
let asked: Record<string, unknown>;
let models: unknown;
const server = createServer((request, response) => {
  if (request.url === "/v1/models") response.end(JSON.stringify(models ?? "none"));
  else
    void json(request).then((body) => {
      asked = body as Record<string, unknown>;
      respond(response);
    });
});
let url: string;
beforeAll(async () => {
  url = `${await listen(server)}/v1`;
});
afterAll(() => endServers(server));

const never = new AbortController().signal;
const request: TextRequest = {
  model: "@cf/m",
  messages: [{ role: "user", content: "Hi" }],
  maxTokens: 7,
  format: { type: "text" },
};
const complete = (extra: Partial<TextRequest> = {}, timeout = 300) =>
  upstreamText({ url, timeout }).complete({ ...request, ...extra }, never);
const answer = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

it("passes the question on and the answer back", async () => {
  respond = answer(200, { choices: [{ message: { content: "Hello" }, finish_reason: "length" }], usage });
  const schema = { type: "object" };
  expect(await complete({ temperature: 0, format: { type: "json_schema", schema } })).toEqual({
    text: "Hello",
    finishReason: "length",
    usage,
  });
  expect(asked).toMatchObject({
    model: "@cf/m",
    max_tokens: 7,
    temperature: 0,
    response_format: { json_schema: { schema } },
  });
});

describe("tools", () => {
  const tools = [{ name: "weather", description: "The weather", parameters: { type: "object" } }];
  const call = { id: "call_1", name: "weather", arguments: '{"city":"Rome"}' };
  const wire = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } };

  it("go through, and their calls come back", async () => {
    respond = answer(200, {
      choices: [{ message: { content: null, tool_calls: [wire] }, finish_reason: "tool_calls" }],
      usage,
    });
    const messages: TextRequest["messages"] = [
      ...request.messages,
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", content: "sunny", toolCallId: "call_1" },
    ];
    const choice = { toolChoice: { name: "weather" }, stop: ["END"], seed: 3 };
    expect(await complete({ tools, messages, ...choice })).toEqual({
      text: "",
      toolCalls: [call],
      finishReason: "tool_calls",
      usage,
    });
    expect(asked).toMatchObject({
      tools: [{ type: "function", function: tools[0] }],
      tool_choice: { type: "function", function: { name: "weather" } },
      stop: ["END"],
      seed: 3,
      messages: [{ role: "user" }, { tool_calls: [wire] }, { role: "tool", tool_call_id: "call_1" }],
    });
  });

  it("come whole out of a stream's pieces", async () => {
    const piece = (part: object) =>
      `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, ...part }] } }] })}\n\n`;
    respond = (response) => {
      response.write(piece({ id: "call_1", function: { name: "weather", arguments: "" } }));
      response.write(piece({ function: { arguments: '{"city"' } }));
      response.end(`${piece({ function: { arguments: ':"Rome"}' } })}data: [DONE]\n\n`);
    };
    const parts = [];
    for await (const part of upstreamText({ url, timeout: 300 }).stream({ ...request, tools }, never)) parts.push(part);
    expect(parts).toMatchObject([
      { type: "tool_call", call },
      { type: "end", finishReason: "tool_calls" },
    ]);
  });
});

it("asks for the first model of a server that does not have the one that is meant", async () => {
  respond = answer(200, { choices: [{ message: { content: "Hello" } }] });
  models = { data: [{ id: "smol" }, { id: "other" }] };
  await complete();
  expect(asked).toMatchObject({ model: "smol" });
  models = { data: [{ id: "smol" }, { id: "@cf/m" }] };
  await complete();
  expect(asked).toMatchObject({ model: "@cf/m" });
});

it("counts tokens itself when the server does not", async () => {
  respond = answer(200, { choices: [{ message: { content: "12345678" } }] });
  expect((await complete()).usage.completion_tokens).toBe(2);
});

it.each<[string, number, unknown, object]>([
  ["429", 429, {}, { status: 429, code: 3040 }],
  ["500", 500, {}, { status: 500, code: 3043 }],
  ["504", 504, {}, { status: 408, code: 3007 }],
  ["400", 400, { error: "no" }, { status: 400, code: 5004 }],
  ["an answer in another shape", 200, { hello: 1 }, { status: 500, code: 3043 }],
])("names %s", async (_, status, body, error) => {
  respond = answer(status, body);
  await expect(complete()).rejects.toMatchObject(error);
});

it("names an answer that is not JSON, a server that hangs, and one that is not there", async () => {
  respond = (response) => response.end("<html>");
  await expect(complete()).rejects.toMatchObject({ code: 3043 });
  respond = () => undefined;
  await expect(complete({}, 50)).rejects.toMatchObject({ status: 408, code: 3007 });
  const nobody = upstreamText({ url: "http://127.0.0.1:1/v1", timeout: 300 });
  await expect(nobody.complete(request, never)).rejects.toMatchObject({
    code: 3043,
    message: expect.stringContaining("no connection"),
  });
});

describe("a stream", () => {
  const read = async () => {
    const parts = [];
    for await (const part of upstreamText({ url, timeout: 300 }).stream(request, never)) parts.push(part);
    return parts;
  };
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

  it("comes through piece by piece, however it is cut", async () => {
    respond = (response) => {
      const whole = `: comment\n\n${chunk("Hel")}${chunk("lo")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
      for (const piece of whole.match(/[\s\S]{1,9}/g) ?? []) response.write(piece);
      response.end();
    };
    expect(await read()).toEqual([
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
      { type: "end", finishReason: "stop", usage },
    ]);
  });

  it("fails by name when it breaks or is garbage", async () => {
    respond = (response) => {
      response.write(chunk("Hel"));
      setTimeout(() => response.destroy(), 20);
    };
    await expect(read()).rejects.toMatchObject({ code: 3043 });
    respond = (response) => response.end("data: {nonsense\n\n");
    await expect(read()).rejects.toMatchObject({ code: 3043 });
  });
});
