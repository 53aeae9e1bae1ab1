import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "./test-cloud.ts";

/** Runs what the request says, through workerd's own AI binding. */
const WORKER = `export default { async fetch(request, env) {
  const { model, inputs } = await request.json();
  try {
    const answer = await env.AI.run(model, inputs);
    if (!(answer instanceof ReadableStream)) return Response.json(answer);
    let text = "";
    try {
      for await (const piece of answer.pipeThrough(new TextDecoderStream())) text += piece;
    } catch (error) {
      return new Response(text + "BROKEN", { status: 598 });
    }
    return new Response(text);
  } catch (error) {
    return new Response(error.name + ": " + error.message, { status: 599 });
  }
} }`;

const LLAMA = "@cf/meta/llama-3.1-8b-instruct-fast";

let cloud: TestCloud;
let url: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  const uploaded = await cloud.upload("w", WORKER, [{ type: "ai", name: "AI" }]);
  if (!uploaded.ok) throw new Error(await uploaded.text());
  url = cloud.cloud.workerUrl(cloud.accountId, "w") ?? "";
});
afterAll(() => cloud.close());
beforeEach(() => cloud.setFaults());

const run = (model: string, inputs: object) => fetch(url, { method: "POST", body: JSON.stringify({ model, inputs }) });

it("gives a Worker embeddings", async () => {
  const answer = (await (await run("@cf/baai/bge-base-en-v1.5", { text: ["one", "two"] })).json()) as {
    shape: number[];
    data: number[][];
  };
  expect(answer.shape).toEqual([2, 768]);
  expect(answer.data.map((vector) => vector.length)).toEqual([768, 768]);
});

it("gives a Worker an image", async () => {
  const answer = (await (await run("@cf/black-forest-labs/flux-1-schnell", { prompt: "a lake" })).json()) as {
    image: string;
  };
  // How every JPEG begins.
  expect(Buffer.from(answer.image, "base64").subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
});

it("calls a Worker's tool", async () => {
  const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const tools = [{ name: "get_weather", description: "The weather in a city", parameters }];
  const answer = await run(LLAMA, { prompt: "What is the weather in Oslo?", tools });
  expect(await answer.json()).toMatchObject({
    response: null,
    tool_calls: [{ name: "get_weather", arguments: { city: "Oslo" } }],
  });
});

it.each<[string, string, object, RegExp]>([
  ["an unknown model", "@cf/nobody/nothing", { prompt: "x" }, /^AiError: 5007: /],
  ["a model that was switched off", "@cf/meta/llama-3-8b-instruct", { prompt: "x" }, /^AiError: 5028: /],
  ["bad input", "@cf/baai/bge-m3", { text: [] }, /^AiError: 5004: /],
])("throws in a Worker for %s", async (_, model, inputs, error) => {
  const answer = await run(model, inputs);
  expect([answer.status, await answer.text()]).toEqual([599, expect.stringMatching(error)]);
});

it("breaks a Worker's stream in its middle", async () => {
  await cloud.setFaults({ kind: "cut" });
  const answer = await run(LLAMA, { prompt: "Hello there, how are you today?", stream: true });
  expect([answer.status, await answer.text()]).toEqual([
    598,
    expect.stringMatching(/^data: \{"response":[\s\S]*BROKEN$/),
  ]);
});
