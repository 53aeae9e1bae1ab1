// oxlint-disable-next-line no-restricted-imports -- the test is that Miniflare takes the address
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { serveWorkersAi, type WorkersAiServer } from "./testing.ts";

const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";
const WORKER = `export default { async fetch(request, env) {
  const { run, args } = await request.json();
  try {
    if (run === "gateway") {
      const response = await env.AI.gateway("main").run(...args);
      return new Response(response.body, response);
    }
    const answer = await env.AI.run(...args);
    return answer instanceof ReadableStream ? new Response(answer) : Response.json(answer);
  } catch (error) { return Response.json({ name: error.name, message: error.message }, { status: 599 }); }
} }`;

let ai: WorkersAiServer;
let worker: Miniflare;

beforeAll(async () => {
  ai = await serveWorkersAi();
  worker = new Miniflare({
    modules: [{ type: "ESModule", path: "index.mjs", contents: WORKER }],
    modulesRoot: "/",
    compatibilityDate: "2026-07-01",
    cf: false,
    ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) as never },
  });
});
afterAll(async () => {
  await worker.dispose();
  await ai.close();
});
beforeEach(() => ai.faults.clear());

const call = async (run: "native" | "gateway", ...args: unknown[]) =>
  worker.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify({ run, args }) });

it("answers the AI binding with text that says it is a stand-in", async () => {
  const response = await call("native", MODEL, { prompt: "What is a queue?" });
  expect(await response.json()).toMatchObject({
    response: expect.stringMatching(/^\[stand-in\] .*What is a queue\?/),
    usage: { total_tokens: expect.any(Number) },
  });
});

it("streams", async () => {
  const response = await call("native", MODEL, { prompt: "What is a queue?", stream: true });
  const events = (await response.text()).trim().split("\n\n");
  expect(events.length).toBeGreaterThan(3);
  expect(events.at(-1)).toBe("data: [DONE]");
});

it("serves a chat completion through a gateway", async () => {
  const query = { model: "dynamic/chat", messages: [{ role: "user", content: "Hello" }] };
  const response = await call("gateway", { provider: "compat", endpoint: "chat/completions", headers: {}, query });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ object: "chat.completion", choices: [{ finish_reason: "stop" }] });
});

it("throws the model's error in the Worker", async () => {
  const response = await call("native", "@cf/nobody/nothing", { prompt: "Hello" });
  expect(await response.json()).toEqual({ name: "AiError", message: "5007: No such model @cf/nobody/nothing or task" });
});

it("fails as often as a fault set over HTTP says", async () => {
  await fetch(`${ai.url}/_local/faults`, {
    method: "POST",
    body: JSON.stringify({ kind: "fail", target: MODEL, count: 1 }),
  });
  expect((await call("native", MODEL, { prompt: "Hello" })).status).toBe(599);
  expect((await call("native", MODEL, { prompt: "Hello" })).status).toBe(200);
});

it("refuses a fault it does not know", async () => {
  const response = await fetch(`${ai.url}/_local/faults`, {
    method: "POST",
    body: JSON.stringify({ kind: "explode" }),
  });
  expect(response.status).toBe(400);
});
