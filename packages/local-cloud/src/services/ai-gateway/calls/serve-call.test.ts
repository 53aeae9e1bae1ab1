import { describe, expect, it, vi } from "vitest";
import { AiError } from "../../../models/ai-error.ts";
import { ProviderError } from "../../../models/provider-error.ts";
import { account_id, otherAccount } from "../gateway-fixture.ts";
import { COST, callsFixture, TOKEN } from "./calls-fixture.ts";

const CHAT = "compat/chat/completions";
const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";
const question = (text = "Hello", extra: object = {}) => ({
  model: `workers-ai/${MODEL}`,
  messages: [{ role: "user", content: text }],
  ...extra,
});
const status = (response: Response) => response.headers.get("cf-aig-cache-status");
const codeOf = async (response: Response) => ((await response.json()) as { internalCode: number }).internalCode;
const busy = new AiError(429, 3040, "no capacity");
const limited = (limit: number, extra: object = {}) => ({
  spend_limits: {
    enabled: true,
    rules: [{ id: "cap", enabled: true, limitType: "cost", limit, window: 60, technique: "fixed", ...extra }],
  },
});

describe("the order of the checks", () => {
  it("refuses a gateway that is not there", async () => {
    const { post } = callsFixture();
    const response = await post(CHAT, question());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      success: false,
      name: "AiGatewayError",
      internalCode: 2001,
      error: [{ code: 2001 }],
    });
  });

  it.each<[string, Record<string, string>, number]>([
    ["no token", {}, 401],
    ["a wrong token", { "cf-aig-authorization": `Bearer ${"x".repeat(40)}` }, 401],
    ["the token in cf-aig-authorization", { "cf-aig-authorization": `Bearer ${TOKEN}` }, 200],
    ["the token in authorization", { authorization: `Bearer ${TOKEN}` }, 200],
  ])("answers %s as a gateway with authentication does", async (_, headers, wanted) => {
    const { make, post } = callsFixture();
    await make({ authentication: true });
    const response = await post(CHAT, question(), headers);
    expect(response.status).toBe(wanted);
    if (wanted === 401) expect(await codeOf(response)).toBe(2009);
  });

  it("refuses more calls than the rate limit has, hits too, and asks no model for them", async () => {
    const { make, post, asked } = callsFixture();
    await make({ rate_limiting_limit: 2, rate_limiting_interval: 60, cache_ttl: 600 });
    expect([(await post(CHAT, question())).status, (await post(CHAT, question())).status]).toEqual([200, 200]);
    const refused = await post(CHAT, question());
    expect([refused.status, await codeOf(refused)]).toEqual([429, 2003]);
    expect(asked).toHaveLength(1);
  });

  it("refuses in Cloudflare's form over the spend limit, but still serves what is cached", async () => {
    const { make, post, asked, time } = callsFixture();
    await make({ ...limited(COST / 2), cache_ttl: 600 });
    expect((await post(CHAT, question("first"))).status).toBe(200);
    const refused = await post(CHAT, question("second"));
    const message = `Spend limit exceeded: rule 'cap' (cost limit ${COST / 2} per 60s, fixed) for workers-ai ${MODEL}`;
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({
      success: false,
      result: [],
      messages: [],
      error: [{ code: 2045, message }],
      name: "AiGatewayError",
      httpCode: 429,
      internalCode: 2045,
      description: message,
    });
    expect(refused.headers.get("cf-aig-step")).toBe("0");
    for (const name of ["cf-aig-event-id", "cf-aig-log-id", "cf-aig-request-id"])
      expect(refused.headers.get(name), name).toBeTruthy();
    expect(refused.headers.has("retry-after")).toBe(false);
    expect(status(await post(CHAT, question("first")))).toBe("HIT");
    expect(asked).toHaveLength(1);
    time.now += 60_000;
    expect((await post(CHAT, question("second"))).status).toBe(200);
  });

  it("goes on to the next step where a rule is only for the first one's model, and tells of the rule when none is left", async () => {
    const { make, post } = callsFixture();
    await make(limited(COST / 2, { model: { mode: "filter", values: [MODEL] } }));
    const step = (endpoint: string) => ({ provider: "workers-ai", endpoint, query: { prompt: "x" } });
    expect((await post("", [step(MODEL)])).status).toBe(200);
    const next = await post("", [step(MODEL), step("@cf/meta/other")]);
    expect([next.status, next.headers.get("cf-aig-step")]).toEqual([200, "1"]);
    const none = await post("", [step(MODEL), { ...step(MODEL), query: { prompt: "y" } }]);
    expect([await codeOf(none), none.headers.get("cf-aig-step")]).toEqual([2045, "0"]);
  });
});

describe("the cache", () => {
  it("keeps nothing where neither the gateway nor the call asks for it", async () => {
    const { make, post } = callsFixture();
    await make();
    expect([status(await post(CHAT, question())), status(await post(CHAT, question()))]).toEqual(["MISS", "MISS"]);
  });

  it("answers exactly the same request until its time is over, with the same body", async () => {
    const { make, post, answers, time } = callsFixture();
    await make();
    answers({ answer: 1 }, { answer: 2 });
    const ttl = { "cf-aig-cache-ttl": "60" };
    expect(await (await post(CHAT, question(), ttl)).json()).toEqual({ answer: 1 });
    const hit = await post(CHAT, question(), ttl);
    expect([status(hit), hit.headers.get("cf-aig-model"), await hit.json()]).toEqual(["HIT", MODEL, { answer: 1 }]);
    expect(status(await post(CHAT, question("Hello!"), ttl))).toBe("MISS");
    expect(status(await post(CHAT, question("Hello", { temperature: 0 }), ttl))).toBe("MISS");
    time.now += 60_000;
    expect(status(await post(CHAT, question(), ttl))).toBe("MISS");
  });

  it("goes by the call's own key when there is one", async () => {
    const { make, post, time } = callsFixture();
    await make();
    const key = { "cf-aig-cache-key": "job-1" };
    expect(status(await post(CHAT, question("one"), key))).toBe("MISS");
    expect(status(await post(CHAT, question("two"), key))).toBe("HIT");
    expect(status(await post(CHAT, question("two", { stream: true }), key))).toBe("MISS");
    time.now += 300_000;
    expect(status(await post(CHAT, question("one"), key))).toBe("MISS");
  });

  it("is neither asked nor written where the call skips it", async () => {
    const { make, post, asked } = callsFixture();
    await make({ cache_ttl: 60 });
    const skip = { "cf-aig-skip-cache": "true" };
    await post(CHAT, question(), skip);
    expect(status(await post(CHAT, question()))).toBe("MISS");
    expect(status(await post(CHAT, question(), skip))).toBe("MISS");
    expect(asked).toHaveLength(3);
  });

  it("is not shared by gateways, accounts or providers' keys, even under one key", async () => {
    const { make, post } = callsFixture();
    await make({ cache_ttl: 60 });
    await make({ cache_ttl: 60 }, "other");
    await make({ cache_ttl: 60 }, "main", otherAccount);
    const ways = [`/${account_id}/main/`, `/${account_id}/other/`, `/${otherAccount}/main/`];
    for (const headers of [{}, { "cf-aig-cache-key": "same" }]) {
      const calls = Array.from({ length: 30 }, (_, index) => ways[index % 3] ?? "");
      const first = await Promise.all(ways.map((way) => post(way + CHAT, question(), headers)));
      expect(first.map(status)).toEqual(["MISS", "MISS", "MISS"]);
      expect(
        new Set((await Promise.all(calls.map((way) => post(way + CHAT, question(), headers)))).map(status)),
      ).toEqual(new Set(["HIT"]));
    }
    const ask = (key: string) => post("openai/chat/completions", { model: "m" }, { authorization: `Bearer ${key}` });
    expect([status(await ask("a")), status(await ask("b")), status(await ask("a"))]).toEqual(["MISS", "MISS", "HIT"]);
  });

  it("still has an answer with its own key when the cloud is killed right after it", async () => {
    const { make, post, crash } = callsFixture();
    await make();
    const key = { "cf-aig-cache-key": "job-1" };
    expect(status(await post(CHAT, question(), key))).toBe("MISS");
    crash();
    expect(status(await post(CHAT, question(), key))).toBe("HIT");
  });

  it("keeps no failure", async () => {
    const { make, post, answers } = callsFixture();
    await make({ cache_ttl: 60 });
    answers(busy, { ok: true });
    expect((await post(CHAT, question())).status).toBe(429);
    expect(status(await post(CHAT, question()))).toBe("MISS");
  });

  it("keeps nothing larger than 25 MB", async () => {
    const { make, post, answers } = callsFixture();
    await make({ cache_ttl: 60 });
    answers({ text: "x".repeat(26 * 1024 * 1024) });
    await post(CHAT, question());
    expect(status(await post(CHAT, question()))).toBe("MISS");
  });

  it("is empty for a gateway that was made anew", async () => {
    const { make, post, client, time } = callsFixture();
    await make({ cache_ttl: 60 });
    await post(CHAT, question());
    await client.aiGateway.delete("main", { account_id });
    time.now += 1;
    await make({ cache_ttl: 60 });
    expect(status(await post(CHAT, question()))).toBe("MISS");
  });
});

describe("streams", () => {
  const ask = (fixture: ReturnType<typeof callsFixture>) => fixture.post(CHAT, question("Hello", { stream: true }));

  it("are passed on as they come, counted at their end, and replayed as streams", async () => {
    const fixture = callsFixture();
    await fixture.make({ cache_ttl: 60 });
    fixture.answers({ events: ['{"n":1}', '{"n":2}', "[DONE]"] });
    const text = await (await ask(fixture)).text();
    expect(text).toBe('data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n');
    expect(fixture.logs()).toMatchObject([{ success: true, cached: false, tokensIn: 7, tokensOut: 3, cost: COST }]);
    const hit = await ask(fixture);
    expect([status(hit), hit.headers.get("content-type")]).toEqual(["HIT", "text/event-stream"]);
    expect(await hit.text()).toBe(text);
    expect(fixture.logs()).toHaveLength(2);
    expect(fixture.logs().find(({ cached }) => cached)).toMatchObject({ success: true, cost: 0, response: text });
  });

  it("begin before they have ended", async () => {
    const fixture = callsFixture();
    await fixture.make();
    fixture.answers({ events: ["1"], waits: true });
    const reader = (await ask(fixture)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: 1\n\n");
    await reader?.cancel();
  });

  it("that are cut are failures with what they used, and are not kept", async () => {
    const fixture = callsFixture();
    await fixture.make({ cache_ttl: 60 });
    fixture.answers({ events: ["1"], breaks: true });
    await expect((await ask(fixture)).text()).rejects.toThrow("terminated");
    expect(fixture.logs()).toMatchObject([{ success: false, statusCode: 502, cost: COST, response: "data: 1\n\n" }]);
    expect(status(await ask(fixture))).toBe("MISS");
  });

  it("are not the only answers that break: a cut JSON is a broken connection, counted, and no refusal", async () => {
    const { make, post, answers, logs, asked } = callsFixture();
    await make({ cache_ttl: 60 });
    answers({ events: [], json: true, breaks: true });
    await expect(post(CHAT, question())).rejects.toThrow("fetch failed");
    expect(logs()).toMatchObject([{ success: false, statusCode: 502, cost: COST }]);
    const step = { provider: "compat", endpoint: "chat/completions", query: question() };
    await expect(post("", [step, step])).rejects.toThrow("fetch failed");
    expect(asked).toHaveLength(2);
  });

  it("whose reader leaves are counted", async () => {
    const fixture = callsFixture();
    await fixture.make({ cache_ttl: 60 });
    fixture.answers({ events: ["1", "2"], waits: true });
    const reader = (await ask(fixture)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await vi.waitFor(
      () => expect(fixture.logs()).toMatchObject([{ success: false, statusCode: 499, cost: COST }]),
      30_000,
    );
  });
});

describe("retries and steps", () => {
  it("asks as often as the call, or else the gateway, says", async () => {
    const { make, post, answers, asked } = callsFixture();
    await make({ retry_max_attempts: 2, retry_delay: 0, retry_backoff: "constant" });
    answers(busy);
    expect(await codeOf(await post(CHAT, question()))).toBe(3040);
    expect(asked).toHaveLength(2);
    answers(busy, busy, { ok: true });
    expect((await post(CHAT, question(), { "cf-aig-max-attempts": "3" })).status).toBe(200);
    expect(asked).toHaveLength(5);
  });

  it("does not repeat what another attempt cannot mend", async () => {
    const { make, post, answers, asked } = callsFixture();
    await make({ retry_max_attempts: 5, retry_delay: 0 });
    answers(new AiError(400, 5004, "Bad input"));
    const response = await post(CHAT, question());
    expect([response.status, await codeOf(response)]).toEqual([400, 5004]);
    expect(asked).toHaveLength(1);
  });

  it("waits no longer for the beginning of an answer than the call says", async () => {
    const { make, post, answers, logs } = callsFixture();
    await make();
    answers("hangs");
    const response = await post(CHAT, question(), { "cf-aig-request-timeout": "20" });
    expect([response.status, await codeOf(response)]).toEqual([408, 3007]);
    expect(logs()).toMatchObject([{ success: false, statusCode: 408, provider: "workers-ai", model: MODEL }]);
  });

  it("tries the steps of a universal request in turn, each by its own options", async () => {
    const { make, post, answers, asked } = callsFixture();
    await make();
    answers("hangs", busy, busy, { third: true });
    const response = await post("", [
      { provider: "workers-ai", endpoint: MODEL, query: { prompt: "x" }, config: { requestTimeout: 20 } },
      {
        provider: "openai",
        endpoint: "chat/completions",
        headers: { Authorization: "Bearer sk-1", "cf-aig-max-attempts": 2, "cf-aig-retry-delay": 0 },
        query: { model: "gpt-5-nano" },
      },
      { provider: "anthropic", endpoint: "v1/messages", headers: { "x-api-key": "k" }, query: { model: "claude" } },
    ]);
    expect(await response.json()).toEqual({ third: true });
    expect(response.headers.get("cf-aig-step")).toBe("2");
    expect(asked.map(({ provider, hasKey }) => [provider, hasKey])).toEqual([
      ["workers-ai", false],
      ["openai", true],
      ["openai", true],
      ["anthropic", true],
    ]);
  });

  it("answers with the last step's error when all fail", async () => {
    const { make, post, answers } = callsFixture();
    await make();
    answers(busy, new AiError(500, 3043, "broken"));
    const step = { provider: "workers-ai", endpoint: MODEL, query: { prompt: "x" } };
    const response = await post(`/${account_id}/main`, [step, step]);
    expect([response.status, await codeOf(response), response.headers.get("cf-aig-step")]).toEqual([500, 3043, "1"]);
  });
});

describe("dynamic routes", () => {
  const to = (elementId: string) => ({ elementId });
  const start = (next: string) => ({ id: "start", type: "start", outputs: { next: to(next) } });
  const end = { id: "end", type: "end", outputs: {} };
  const model = (id: string, fallback = "end", properties: object = {}) => ({
    id,
    type: "model",
    properties: { provider: "workers-ai", model: `@cf/x/${id}`, timeout: 50, retries: 0, ...properties },
    outputs: { success: to("end"), fallback: to(fallback) },
  });
  const ask = (fixture: ReturnType<typeof callsFixture>, metadata: object = {}, name = "chat") =>
    fixture.post(CHAT, { model: `dynamic/${name}`, messages: [] }, { "cf-aig-metadata": JSON.stringify(metadata) });
  const modelOf = (response: Response) => response.headers.get("cf-aig-model");

  it("fall back when a model has failed all its attempts or is late, and tell the way in the log", async () => {
    const fixture = callsFixture();
    await fixture.make({ retry_delay: 0 });
    await fixture.route("chat", [
      start("a"),
      model("a", "b", { retries: 1 }),
      model("b", "c"),
      model("c", "end", { provider: "openai" }),
      end,
    ]);
    fixture.answers(busy, busy, "hangs", { ok: true });
    const response = await ask(fixture);
    expect([response.status, modelOf(response), response.headers.get("cf-aig-provider")]).toEqual([
      200,
      "@cf/x/c",
      "openai",
    ]);
    expect(fixture.asked.map(({ body }) => (body as { model: string }).model)).toEqual([
      "@cf/x/a",
      "@cf/x/a",
      "@cf/x/b",
      "@cf/x/c",
    ]);
    expect(fixture.logs()).toMatchObject([
      {
        requestModel: "dynamic/chat",
        model: "@cf/x/c",
        routePath: [
          { element: "start", type: "start", outcome: "next" },
          { element: "a", type: "model", outcome: "fallback" },
          { element: "b", type: "model", outcome: "fallback" },
          { element: "c", type: "model", outcome: "success" },
          { element: "end", type: "end", outcome: "answered" },
        ],
      },
    ]);
  });

  it("answer with the last model's error when none is left", async () => {
    const fixture = callsFixture();
    await fixture.make();
    await fixture.route("chat", [start("a"), model("a"), end]);
    fixture.answers(busy);
    expect(await codeOf(await ask(fixture))).toBe(3040);
    expect(fixture.logs()[0]?.routePath.at(-1)?.outcome).toBe("no answer");
  });

  it("branch by what the call says, and keep the branches' answers apart", async () => {
    const fixture = callsFixture();
    await fixture.make({ cache_ttl: 60 });
    await fixture.route("chat", [
      start("if"),
      {
        id: "if",
        type: "conditional",
        properties: { conditions: { "metadata.plan": { $in: ["pro", "team"] } } },
        outputs: { true: to("good"), false: to("cheap") },
      },
      model("good"),
      model("cheap"),
      end,
    ]);
    expect(modelOf(await ask(fixture, { plan: "pro" }))).toBe("@cf/x/good");
    const free = await ask(fixture, { plan: "free" });
    expect([modelOf(free), status(free)]).toEqual(["@cf/x/cheap", "MISS"]);
    expect(status(await ask(fixture, { plan: "free", user: "another" }))).toBe("HIT");
  });

  it("split by percentages", async () => {
    const fixture = callsFixture();
    await fixture.make();
    await fixture.route("chat", [
      start("split"),
      { id: "split", type: "percentage", outputs: { "10%": to("a"), "30%": to("b"), else: to("c") } },
      model("a"),
      model("b"),
      model("c"),
      end,
    ]);
    const drawn = [0, 0.0999, 0.1, 0.3999, 0.4, 0.9999];
    const models = [];
    for (const next of drawn) {
      fixture.draw.next = next;
      models.push(modelOf(await ask(fixture))?.at(-1));
    }
    expect(models.join("")).toBe("aabbcc");
  });

  it.each([
    ["count", 2],
    ["cost", COST * 1.5],
  ])("limit the %s of each key in its window", async (limitType, limit) => {
    const fixture = callsFixture();
    await fixture.make();
    await fixture.route("chat", [
      start("rate"),
      {
        id: "rate",
        type: "rate",
        properties: { key: "metadata.user", limit, limitType, window: 60 },
        outputs: { success: to("good"), fallback: to("cheap") },
      },
      model("good"),
      model("cheap"),
      end,
    ]);
    const models = [];
    for (const user of ["a", "a", "a", "b"]) models.push(modelOf(await ask(fixture, { user })));
    expect(models).toEqual(["@cf/x/good", "@cf/x/good", "@cf/x/cheap", "@cf/x/good"]);
    fixture.time.now += 60_000;
    expect(modelOf(await ask(fixture, { user: "a" }))).toBe("@cf/x/good");
  });

  it("that are not there are named", async () => {
    const fixture = callsFixture();
    await fixture.make();
    const response = await ask(fixture, {}, "nothing");
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('no dynamic route \\"nothing\\"'),
    ]);
  });
});

describe("metering and logs", () => {
  it("logs a call with its metadata and payloads, and no key of anybody", async () => {
    const { make, post, logs } = callsFixture();
    await make();
    const secret = "sk-very-secret";
    const headers = {
      authorization: `Bearer ${secret}`,
      "cf-aig-metadata": '{"user":"u1","trial":true,"n":3}',
      "cf-aig-event-id": "event-7",
    };
    const response = await post("openai/chat/completions", { model: "gpt-5-nano" }, headers);
    expect(response.headers.get("cf-aig-event-id")).toBe("event-7");
    const [log] = logs();
    expect(log).toMatchObject({
      id: response.headers.get("cf-aig-log-id"),
      provider: "openai",
      model: "gpt-5-nano",
      path: "chat/completions",
      statusCode: 200,
      success: true,
      tokensIn: 7,
      tokensOut: 3,
      cost: COST,
      metadata: { user: "u1", trial: true, n: 3 },
      request: '{"model":"gpt-5-nano"}',
      response: '{"ok":true}',
    });
    expect(JSON.stringify(log)).not.toContain(secret);
    expect(log?.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it.each([
    ['{"a":1,"b":null}', null],
    ['{"a":{"b":1}}', null],
    ["[1]", null],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', { a: 1, b: 2, c: 3, d: 4, e: 5 }],
  ])("keeps of the metadata %s only %o", async (sent, kept) => {
    const { make, post, logs } = callsFixture();
    await make();
    await post(CHAT, question(), { "cf-aig-metadata": sent });
    expect(logs()[0]?.metadata).toEqual(kept);
  });

  it("counts what is not logged", async () => {
    const { make, post, logs } = callsFixture();
    await make(limited(COST / 2));
    const response = await post(CHAT, question(), { "cf-aig-collect-log": "false" });
    expect([response.status, response.headers.has("cf-aig-log-id")]).toEqual([200, false]);
    expect(logs()).toEqual([]);
    expect((await post(CHAT, question())).status).toBe(429);
  });

  it("logs where only the call wants it", async () => {
    const { make, post, logs } = callsFixture();
    await make({ collect_logs: false });
    await post(CHAT, question());
    await post(CHAT, question(), { "cf-aig-collect-log": "true" });
    expect(logs()).toHaveLength(1);
  });

  it.each([
    ['{"per_token_in":0.1,"per_token_out":1}', 3.7],
    ['{"total_cost":0.5}', 0.5],
  ])("counts the call's own cost %s", async (header, cost) => {
    const { make, post, logs } = callsFixture();
    await make();
    await post(CHAT, question(), { "cf-aig-custom-cost": header });
    expect(logs()[0]?.cost).toBeCloseTo(cost);
    expect(logs()[0]?.customCost).toBe(true);
  });
});

describe("what cannot be", () => {
  it.each<[string, Record<string, string>, string]>([
    ["cf-aig-cache-ttl", { "cf-aig-cache-ttl": "59" }, "from 60 to"],
    ["cf-aig-max-attempts", { "cf-aig-max-attempts": "6" }, "from 1 to 5"],
    ["cf-aig-retry-delay", { "cf-aig-retry-delay": "5001" }, "from 0 to 5000 ms"],
    ["cf-aig-backoff", { "cf-aig-backoff": "random" }, "constant, linear or exponential"],
    ["cf-aig-skip-cache", { "cf-aig-skip-cache": "maybe" }, "true or false"],
    ["cf-aig-request-timeout", { "cf-aig-request-timeout": "1.5" }, "whole number"],
    ["cf-aig-metadata", { "cf-aig-metadata": "{" }, "not JSON"],
    ["cf-aig-custom-cost", { "cf-aig-custom-cost": '{"total_cost":-1}' }, "total_cost"],
  ])("is refused by name: %s", async (name, headers, reason) => {
    const { make, post } = callsFixture();
    await make();
    const response = await post(CHAT, question(), headers);
    const { internalCode, description } = (await response.json()) as { internalCode: number; description: string };
    expect([response.status, internalCode]).toEqual([400, 7003]);
    expect(description).toContain(name);
    expect(description).toContain(reason);
  });

  it.each<[string, string, unknown, number, string]>([
    ["a body that is not JSON", CHAT, "{", 400, "not JSON"],
    ["no model", CHAT, { messages: [] }, 400, '"model" is missing'],
    ["a model without a provider", CHAT, { model: "gpt" }, 400, "provider/model"],
    ["an endpoint of the compatible side", "compat/images", {}, 501, "images"],
    ["an empty universal request", "", [], 400, "at least one"],
    ["an endpoint of Workers AI", "workers-ai/nothing-2", {}, 501, "nothing-2"],
  ])("is refused: %s", async (_, path, body, wanted, reason) => {
    const { make, post } = callsFixture();
    await make();
    const response = await post(path, body);
    expect(response.status).toBe(wanted);
    expect(((await response.json()) as { description: string }).description).toContain(reason);
  });

  it("is told in the provider's own words where the provider was asked in its own way", async () => {
    const { make, post, answers, logs } = callsFixture();
    await make();
    const body = { error: { message: "no", type: "invalid_request_error", param: null, code: null } };
    answers(new ProviderError(404, "no", body));
    const direct = await post("openai/chat/completions", { model: "gpt" });
    expect([direct.status, await direct.json()]).toEqual([404, body]);
    expect(direct.headers.get("cf-aig-log-id")).toBe(logs()[0]?.id);
    const compatible = await post(CHAT, { model: "openai/gpt" });
    expect([compatible.status, await compatible.json()]).toMatchObject([404, { name: "AiError" }]);
  });

  it("is a gateway that a fault makes unreachable, and only as often as the fault says", async () => {
    const { make, post, faults, asked } = callsFixture();
    await make();
    faults.add({ service: "ai-gateway", kind: "ignore-cap", target: "main" });
    faults.add({ service: "ai-gateway", kind: "unreachable", target: "main", count: 1 });
    await expect(post(CHAT, question())).rejects.toThrow("fetch failed");
    expect(asked).toEqual([]);
    expect((await post(CHAT, question())).status).toBe(200);
    expect(faults.list()).toMatchObject([{ kind: "ignore-cap" }]);
  });
});
