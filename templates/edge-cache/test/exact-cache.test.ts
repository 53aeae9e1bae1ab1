import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { colo } from "../src/cache/colo-level.ts";
import {
  all,
  api,
  ask as askAny,
  asking,
  type CallOptions,
  callsWith,
  forgetMemory,
  migrate,
  newQuestion,
  openai,
} from "./harness.ts";

beforeAll(migrate);

/** Of alike questions nothing is known here. */
const ask = (content: string, more: object = {}, { headers, ...options }: CallOptions = {}) =>
  askAny(content, more, { ...options, headers: { "x-cache-semantic": "off", ...headers } });

const noCache = { headers: { "cache-control": "no-cache" } };

describe("a repeated question", () => {
  it("is answered from memory, and says so, for nothing", async () => {
    const question = newQuestion();
    const first = await ask(question);
    const again = await ask(question);
    expect(again).toMatchObject({ status: 200, cache: "hit-exact", text: first.text });
    expect(again.headers.get("x-cost-usd")).toBe("0");
    expect(again.headers.get("x-saved-usd")).toBe(first.headers.get("x-cost-usd"));
    expect(Number(again.headers.get("age"))).toBeGreaterThanOrEqual(0);
    expect(again.headers.get("x-cache-key")).toBe(first.headers.get("x-cache-key"));
    expect(first.headers.has("age")).toBe(false);
    expect(await callsWith(question)).toBe(1);
  });

  it("is answered from the data centre's cache by a new isolate, and from KV in another data centre", async () => {
    const question = newQuestion();
    const first = await ask(question);
    const key = first.headers.get("x-cache-key") ?? "";
    await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
    await env.ANSWERS.delete(`answer/default/${key}`);
    forgetMemory();
    expect(await ask(question)).toMatchObject({ cache: "hit-exact", text: first.text });

    const other = newQuestion();
    const far = await ask(other);
    const farKey = far.headers.get("x-cache-key") ?? "";
    await vi.waitFor(async () => expect(await colo.get("default", farKey)).not.toBeNull(), 30_000);
    await colo.delete("default", farKey);
    forgetMemory();
    expect(await ask(other)).toMatchObject({ cache: "hit-exact", text: far.text });
    expect(await callsWith(other)).toBe(1);
  });

  it("is answered by its flight where KV does not show the answer yet", async () => {
    const question = newQuestion();
    const first = await ask(question);
    const key = first.headers.get("x-cache-key") ?? "";
    await vi.waitFor(async () => expect(await colo.get("default", key)).not.toBeNull(), 30_000);
    await Promise.all([colo.delete("default", key), env.ANSWERS.delete(`answer/default/${key}`)]);
    forgetMemory();
    expect(await ask(question)).toMatchObject({ cache: "hit-exact", text: first.text });
    expect(await callsWith(question)).toBe(1);
  });

  it.each([
    ["outer white space", (text: string) => ` ${text}\n`],
    ["a composed accent", (text: string) => text.normalize("NFD")],
  ])("is the same with %s", async (_, write) => {
    const question = newQuestion("café");
    await ask(question);
    expect((await ask(write(question))).cache).toBe("hit-exact");
  });

  it.each([
    ["another letter case", { words: "C" }, { words: "c" }],
    ["more punctuation", { words: "C" }, { words: "C++" }],
    ["a look-alike letter", { words: "paypal" }, { words: "p\u0430ypal" }],
    ["another temperature", {}, { more: { temperature: 0.2 } }],
    ["another seed", {}, { more: { seed: 7 } }],
    ["another limit", {}, { more: { max_tokens: 20 } }],
    ["another format", {}, { more: { response_format: { type: "json_object" } } }],
    ["a parameter that nobody knows yet", {}, { more: { tone: "formal" } }],
    ["another model", {}, { more: { model: "@cf/meta/llama-3.1-8b-instruct-fast" } }],
  ])("is another one with %s", async (_, one, other: { words?: string; more?: object }) => {
    const id = newQuestion();
    const words = "words" in one ? one.words : "";
    await ask(`${words} ${id}`);
    const second = await ask(`${other.words ?? words} ${id}`, other.more);
    expect(second).toMatchObject({ status: 200, cache: "miss" });
  });

  it("is another one after another conversation", async () => {
    const question = newQuestion();
    await ask(question);
    const messages = [{ role: "system", content: "You are terse." }, ...asking(question).messages];
    expect(await ask(question, { messages })).toMatchObject({ cache: "miss" });
  });

  it("is the same whoever the end user is", async () => {
    const question = newQuestion();
    await ask(question, { user: "ann" });
    expect((await ask(question, { user: "bob", metadata: { trace: "1" } })).cache).toBe("hit-exact");
  });
});

describe("a stream", () => {
  const read = async (question: string) => {
    const request = { ...asking(question), stream: true as const, stream_options: { include_usage: true } };
    const { data, response } = await openai().chat.completions.create(request).withResponse();
    return { chunks: await all(data), cache: response.headers.get("x-cache") };
  };

  it("is replayed chunk for chunk", async () => {
    const question = newQuestion();
    const first = await read(question);
    const again = await read(question);
    expect([first.cache, again.cache]).toEqual(["miss", "hit-exact"]);
    expect(again.chunks).toEqual(first.chunks);
    expect(first.chunks.length).toBeGreaterThan(4);
  });

  it("answers a client that does not stream, and the other way round", async () => {
    const streamed = newQuestion();
    await read(streamed);
    expect(await ask(streamed)).toMatchObject({ cache: "hit-exact", text: expect.stringMatching(/^Answer in parts/) });
    const whole = newQuestion();
    const { text } = await ask(whole);
    const { chunks, cache } = await read(whole);
    expect(cache).toBe("hit-exact");
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(text);
  });

  it("that broke off is not kept", async () => {
    const question = newQuestion("[[cut]]");
    await expect(read(question)).rejects.toThrow();
    await expect(read(question)).rejects.toThrow();
    expect(await callsWith(question)).toBeGreaterThanOrEqual(2);
  });
});

describe("what a request wants of the cache", () => {
  it("no-store: nothing is read and nothing is kept", async () => {
    const question = newQuestion();
    const noStore = { headers: { "cache-control": "no-store" } };
    expect(await ask(question, {}, noStore)).toMatchObject({ cache: "bypass" });
    expect(await ask(question)).toMatchObject({ cache: "miss" });
    expect(await ask(question, {}, noStore)).toMatchObject({ cache: "bypass" });
    expect(await callsWith(question)).toBe(3);
  });

  it("no-cache: a new answer, which the next one gets", async () => {
    const question = newQuestion();
    const first = await ask(question);
    const renewed = await ask(question, {}, noCache);
    expect(renewed).toMatchObject({ cache: "miss" });
    expect(renewed.text).not.toBe(first.text);
    await vi.waitFor(async () => expect((await ask(question)).text).toBe(renewed.text), 30_000);
  });

  it("max-age: no older answer", async () => {
    const question = newQuestion();
    await ask(question);
    expect(await ask(question, {}, { headers: { "cache-control": "max-age=600" } })).toMatchObject({
      cache: "hit-exact",
    });
    expect(await ask(question, {}, { headers: { "cache-control": "max-age=0" } })).toMatchObject({ cache: "miss" });
  });

  it("only-if-cached: no new answer", async () => {
    const question = newQuestion();
    const only = { headers: { "cache-control": "only-if-cached" } };
    const without = await ask(question, {}, only);
    expect(without).toMatchObject({ status: 504, error: { code: "not_in_cache" } });
    expect(without.headers.get("x-should-retry")).toBe("false");
    await ask(question);
    expect(await ask(question, {}, only)).toMatchObject({ cache: "hit-exact" });
    expect(await callsWith(question)).toBe(1);
  });

  it("a high temperature goes past the cache", async () => {
    const question = newQuestion();
    const hot = { temperature: 1.1 };
    for (const calls of [1, 2]) {
      const { cache, headers } = await ask(question, hot);
      expect([cache, headers.get("x-cache-bypass")]).toEqual(["bypass", "temperature"]);
      expect(await callsWith(question)).toBe(calls);
    }
  });

  it.each([
    { "cache-control": "max-age=soon" },
    { "x-cache-ttl": "5" },
    { "x-cache-ttl": "0x100" },
    { "x-cache-tags": "not a tag" },
    { "x-cache-semantic": "maybe" },
  ])("%j is refused, not ignored", async (headers) => {
    expect(await ask(newQuestion(), {}, { headers })).toMatchObject({
      status: 400,
      error: { code: "invalid_cache_header" },
    });
  });
});

it("does not keep what the fallback has answered", async () => {
  const question = newQuestion("[[fail-primary]]");
  expect((await ask(question)).cache).toBe("miss");
  expect((await ask(question)).cache).toBe("miss");
});

it("does not keep a failure", async () => {
  const question = newQuestion("[[fail]]");
  expect((await ask(question)).status).toBe(503);
  expect((await ask(question)).status).toBe(503);
  expect(await callsWith(question)).toBeGreaterThanOrEqual(4);
});

it("answers the short way too, and counts", async () => {
  const prompt = newQuestion();
  const send = async () => (await api("POST", "/chat", { body: { prompt } })).json();
  expect(await send()).toMatchObject({ cached: false, similarity: null, saved_usd: 0 });
  expect(await send()).toMatchObject({ cached: true, similarity: 1, cost_usd: 0 });
  const stats = await (await api("GET", "/stats")).json<Record<string, number>>();
  expect(stats.hits).toBeGreaterThan(0);
  expect(stats.misses).toBeGreaterThan(0);
  expect(stats.saved_usd).toBeGreaterThan(0);
  expect((await api("GET", "/health")).status).toBe(200);
  const wrong = await api("POST", "/chat", { body: { question: prompt } });
  expect([wrong.status, wrong.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
});
