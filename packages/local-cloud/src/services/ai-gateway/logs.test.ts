import { expect, it } from "vitest";
import { account_id, type GatewayFixture, gatewayFixture, minimal, otherAccount } from "./gateway-fixture.ts";
import type { AiOverview, RecentLogs } from "./local-routes.ts";

const gateway_id = "main";
const place = { account_id, gateway_id };
const missing = { status: 404, errors: [expect.objectContaining({ code: 7002 })] };

async function withGateway(
  settings: object = {},
): Promise<GatewayFixture & { logs: GatewayFixture["client"]["aiGateway"]["logs"] }> {
  const fixture = gatewayFixture();
  await fixture.client.aiGateway.create({ ...minimal, id: gateway_id, ...settings });
  return { ...fixture, logs: fixture.client.aiGateway.logs };
}

it("shows a call as soon as it was recorded, with what was sent and received", async () => {
  const { call, logs } = await withGateway();
  const id = call({ metadata: { user: "u-1", n: 2, on: true }, cost: 0.0000028 });
  const shown = {
    id,
    created_at: "2026-11-01T00:00:00.000000Z",
    provider: "workers-ai",
    model: "@cf/meta/llama-3.1-8b-instruct-fast",
    model_type: "Text Generation",
    path: "compat/chat/completions",
    duration: 120,
    status_code: 200,
    success: true,
    cached: false,
    tokens_in: 10,
    tokens_out: 20,
    cost: 0.0000028,
    custom_cost: false,
    metadata: { user: "u-1", n: 2, on: true },
    step: 0,
    request_type: "",
    feedback: null,
    score: null,
  };
  expect((await logs.list(gateway_id, { account_id })).result).toEqual([shown]);
  expect(await logs.get(id, place)).toEqual({
    ...shown,
    request_head: '{"question":1}',
    request_head_complete: true,
    request_size: 14,
    response_head: '{"answer":2}',
    response_head_complete: true,
    response_size: 12,
  });
  expect(await logs.request(id, place)).toEqual({ question: 1 });
  expect(await logs.response(id, place)).toEqual({ answer: 2 });
});

it("keeps the beginning of a long payload, whole characters, and says so", async () => {
  const { call, request, logs } = await withGateway();
  const id = call({ request: null, response: `${"x".repeat(65_535)}😀${"y".repeat(100)}` });
  await expect(logs.request(id, place)).rejects.toMatchObject(missing);
  const response = await request(`/main/logs/${id}/response`);
  expect(response.headers.get("x-local-truncated")).toBe("65535 of 65637 characters");
  expect(await response.text()).toBe("x".repeat(65_535));
  expect(await logs.get(id, place)).toMatchObject({ response_head_complete: false, response_size: 65_637 });
});

it("adds feedback, score and metadata to a log", async () => {
  const { call, logs, state } = await withGateway();
  const id = call({ metadata: { user: "u" } });
  await logs.edit(id, { ...place, feedback: 1, score: 80 });
  await logs.edit(id, { ...place, metadata: { user: "v" } });
  expect(await logs.get(id, place)).toMatchObject({ feedback: 1, score: 80, metadata: { user: "v" } });
  expect(state.patchLog(account_id, gateway_id, id, { feedback: null, metadata: null })).toBe(true);
  expect(await logs.get(id, place)).toMatchObject({ feedback: null, score: 80, metadata: null });
  expect(state.patchLog(account_id, gateway_id, "nobody", { feedback: 1 })).toBe(false);
  expect(state.patchLog(account_id, gateway_id, "nobody", {})).toBe(false);
  expect(() => state.patchLog(account_id, gateway_id, id, { feedback: 7 })).toThrow("feedback");
  await expect(logs.edit(id, { ...place, score: 101 })).rejects.toMatchObject({ status: 400 });
  await expect(logs.edit("nobody", { ...place, score: 1 })).rejects.toMatchObject(missing);
});

/** Five calls, a second apart: `a` the oldest. */
function calls({ call, time }: GatewayFixture): Record<string, string> {
  const next = (entry: Parameters<typeof call>[0]) => {
    time.now += 1000;
    return call(entry);
  };
  return {
    a: next({ cost: 0.001, metadata: { user: "alice", change: "c-1" }, tokensIn: 1, duration: 10 }),
    b: next({
      cost: 0.002,
      metadata: { user: "bob", agent: "x" },
      model: "gpt-5-nano",
      provider: "openai",
      tokensIn: 2,
    }),
    c: next({ cost: 0, cached: true, metadata: { change: "bob" }, tokensOut: 500 }),
    d: next({ cost: 0, success: false, statusCode: 429, modelType: "Text Embeddings", duration: 9000 }),
    e: next({ cost: 0.004, metadata: { user: "alice", paid: true, n: 7 } }),
  };
}

type ListParams = Omit<Parameters<GatewayFixture["client"]["aiGateway"]["logs"]["list"]>[1], "account_id">;

it.each<[string, ListParams, string]>([
  ["everything, the newest first", {}, "edcba"],
  ["the oldest first", { order_by: "created_at", order_by_direction: "asc" }, "abcde"],
  ["the oldest first, as said of old", { direction: "asc" }, "abcde"],
  ["by model", { order_by: "model", order_by_direction: "desc" }, "bedca"],
  ["a page", { page: 2, per_page: 2 }, "cb"],
  ["a page past the end", { page: 9 }, ""],
  ["a provider", { provider: "openai" }, "b"],
  ["a model", { model: "gpt-5-nano" }, "b"],
  ["a kind of model", { model_type: "Text Embeddings" }, "d"],
  ["what failed", { success: false }, "d"],
  ["what the cache answered", { cached: true }, "c"],
  ["what cost something", { min_cost: 0.002, max_cost: 0.003 }, "b"],
  ["what took long", { min_duration: 1000 }, "d"],
  ["what was quick", { max_duration: 50 }, "a"],
  ["tokens in", { min_tokens_in: 2, max_tokens_in: 9 }, "b"],
  ["tokens out", { min_tokens_out: 100, max_tokens_out: 500 }, "c"],
  ["all tokens", { min_total_tokens: 22, max_total_tokens: 30 }, "edb"],
  ["a time", { start_date: "2026-11-01T00:00:02Z", end_date: "2026-11-01T00:00:03Z" }, "cb"],
  ["a text in the metadata", { search: "c-1" }, "a"],
  ["a text in the model", { search: "gpt-5" }, "b"],
  ["a filter", { filters: [{ key: "provider", operator: "neq", value: ["openai"] }] }, "edca"],
  ["a filter of several values", { filters: [{ key: "cost", operator: "eq", value: [0.001, 0.002] }] }, "ba"],
  ["a filter of numbers", { filters: [{ key: "tokens", operator: "gt", value: [100] }] }, "c"],
  ["a filter of flags", { filters: [{ key: "cached", operator: "eq", value: [true] }] }, "c"],
  ["a filter of times", { filters: [{ key: "created_at", operator: "lt", value: ["2026-11-01T00:00:02Z"] }] }, "a"],
  ["a part of a text", { filters: [{ key: "model", operator: "contains", value: ["llama"] }] }, "edca"],
  ["a key of the metadata", { filters: [{ key: "metadata.key", operator: "eq", value: ["change"] }] }, "ca"],
  ["a value of the metadata", { filters: [{ key: "metadata.value", operator: "eq", value: ["bob"] }] }, "cb"],
  ["a number in the metadata", { filters: [{ key: "metadata.value", operator: "eq", value: [7] }] }, "e"],
  [
    "a key and a value that need not belong together",
    {
      filters: [
        { key: "metadata.key", operator: "eq", value: ["agent"] },
        { key: "metadata.value", operator: "eq", value: ["bob"] },
      ],
    },
    "b",
  ],
])("lists %s", async (_, params, expected) => {
  const fixture = await withGateway();
  const names = Object.entries(calls(fixture)).map(([name, id]) => [id, name]);
  const { result } = await fixture.logs.list(gateway_id, { account_id, ...params });
  const byId = Object.fromEntries(names) as Record<string, string>;
  expect(result.map(({ id }) => byId[id]).join("")).toBe(expected);
});

it("takes filters as one list in JSON, and gives ranges when asked", async () => {
  const fixture = await withGateway();
  calls(fixture);
  const filters = JSON.stringify([{ key: "metadata.value", operator: "eq", value: ["alice", "bob"] }]);
  const query = new URLSearchParams({ filters, meta_info: "true", per_page: "1" });
  const answer = (await (await fixture.request(`/main/logs?${query.toString()}`)).json()) as object;
  expect(answer).toMatchObject({
    result: [{ cost: 0.004 }],
    result_info: { page: 1, per_page: 1, count: 1, total_count: 4, min_cost: 0, max_cost: 0.004, max_tokens_in: 10 },
  });
});

it.each([
  ["filters=%7B", "filters: is not JSON"],
  ['filters=[{"key":"metadata.user","operator":"eq","value":["x"]}]', "filters.0.key: has to be one of id, created_at"],
  ['filters=[{"key":"cost","operator":"like","value":[1]}]', "filters.0.operator"],
  ["filters.key=cost&filters.key=model&filters.operator=eq&filters.operator=eq&filters.value=1", "one value each"],
  ["start_date=yesterday", "start_date: is no date"],
  ["order_by=secret", "order_by"],
  ["per_page=0", "per_page"],
  ["min_cost=much", "min_cost"],
])("refuses the query %s", async (query, message) => {
  const { request } = await withGateway();
  const response = await request(`/main/logs?${query}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ code: 7001, message: expect.stringContaining(message) as string }],
  });
});

it("deletes logs by filter, the oldest first, and their payloads; what they cost stays known", async () => {
  const fixture = await withGateway();
  const { d, e } = calls(fixture);
  const { logs, store, local } = fixture;
  await logs.delete(gateway_id, { account_id, filters: [{ key: "model", operator: "eq", value: ["gpt-5-nano"] }] });
  await logs.delete(gateway_id, { account_id, limit: 2 });
  expect((await logs.list(gateway_id, { account_id })).result.map(({ id }) => id)).toEqual([e, d]);
  expect(store.all("SELECT log_id FROM ai_gateway_payloads ORDER BY log_id")).toEqual([{ log_id: d }, { log_id: e }]);
  const { costs } = (await (await local(`/?account=${account_id}`)).json()) as AiOverview;
  expect(costs.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(0.007, 9);
});

it("keeps as many logs as the gateway says: the newest, or the first", async () => {
  for (const [strategy, first] of [
    ["DELETE_OLDEST", 5],
    ["STOP_INSERTING", 0],
  ] as const) {
    const { call, logs, time } = await withGateway({ log_management: 10_000, log_management_strategy: strategy });
    for (let index = 0; index < 10_005; index += 1) {
      time.now += 1;
      call({ duration: index, request: null, response: null });
    }
    const oldest = await logs.list(gateway_id, { account_id, order_by_direction: "asc", per_page: 1, meta_info: true });
    expect(oldest.result).toMatchObject([{ duration: first }]);
    expect(oldest.result_info).toMatchObject({ total_count: 10_000, max_duration: first + 9_999 });
  }
});

it("keeps no log of what is not to be logged", async () => {
  const { call, logs } = await withGateway({ collect_logs: false });
  call();
  const wanted = call({}, true);
  expect((await logs.list(gateway_id, { account_id })).result.map(({ id }) => id)).toEqual([wanted]);
});

it("forgets the logs of a deleted gateway, also those that still wait to be written", async () => {
  const { call, client, logs } = await withGateway();
  const id = call();
  await client.aiGateway.delete(gateway_id, { account_id });
  call();
  await client.aiGateway.create({ ...minimal, id: gateway_id });
  expect((await logs.list(gateway_id, { account_id })).result).toEqual([]);
  await expect(logs.get(id, place)).rejects.toMatchObject(missing);
});

it("shows an account its own logs only", async () => {
  const { call, client, logs } = await withGateway();
  await client.aiGateway.create({ ...minimal, account_id: otherAccount, id: gateway_id });
  const id = call();
  await expect(logs.get(id, { account_id: otherAccount, gateway_id })).rejects.toMatchObject(missing);
  expect((await logs.list(gateway_id, { account_id: otherAccount })).result).toEqual([]);
});

it("is written by itself soon after, and survives a kill then", async () => {
  const fixture = await withGateway();
  const id = fixture.call();
  await expect.poll(() => fixture.store.all("SELECT id FROM ai_gateway_logs"), { interval: 5 }).toEqual([{ id }]);
  fixture.restart({ kill: true });
  expect(await fixture.logs.get(id, place)).toMatchObject({ id });
});

it("shows people budgets, routes, costs by day, and the newest calls with their way through the route", async () => {
  const rules = [{ id: "daily", limitType: "cost", limit: 1, window: 86_400, technique: "fixed" }];
  const fixture = await withGateway({ spend_limits: { enabled: true, rules } });
  const { call, local, time } = fixture;
  call({ cost: 0.5 });
  time.now += 86_400_000;
  const second = call({ cost: 0.25 });
  time.now += 1;
  const third = call({ cost: 0, cached: true });
  const overview = (await (await local(`/?account=${account_id}`)).json()) as AiOverview;
  expect(overview.gateways).toMatchObject([
    {
      id: "main",
      limited: true,
      rules: [
        { id: "daily", limit: 1, windowEnds: "2026-11-03T00:00:00.000000Z", spending: [{ budget: "", spent: 0.25 }] },
      ],
    },
  ]);
  expect(overview.costs).toMatchObject([
    { day: "2026-11-01", calls: 1, cost: 0.5 },
    { day: "2026-11-02", calls: 2, cached: 1, cost: 0.25, tokensIn: 20 },
  ]);
  const page = async (query: string) =>
    (await (await local(`/logs?account=${account_id}&limit=2${query}`)).json()) as RecentLogs;
  const newest = await page("");
  expect(newest.logs).toMatchObject([{ id: third }, { id: second, routePath: [{ element: "primary" }] }]);
  expect(newest.logs[0]).not.toHaveProperty("request");
  const one = await local(`/logs/${second}?account=${account_id}&gateway=main`);
  expect(await one.json()).toMatchObject({ request: '{"question":1}', response: '{"answer":2}' });
  expect((await local(`/logs/nobody?account=${account_id}&gateway=main`)).status).toBe(404);
  const rest = await page(`&before=${newest.before}`);
  expect(rest).toMatchObject({ logs: [{ cost: 0.5 }], before: null });
  expect((await local("/")).status).toBe(400);
});
