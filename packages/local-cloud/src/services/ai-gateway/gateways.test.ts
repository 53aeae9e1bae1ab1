import { expect, it } from "vitest";
import { account_id, gatewayFixture, minimal, otherAccount } from "./gateway-fixture.ts";

const refusal = (status: number, code: number, message?: RegExp) => ({
  status,
  errors: [
    expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) as string }) }) as unknown,
  ],
});
const cap = (rules: object[]) => ({ ...minimal, id: "capped", spend_limits: { enabled: true, rules } }) as never;
const monthly = { id: "monthly-usd-10", limitType: "cost", limit: 10, window: 2_592_000, technique: "fixed" };

it("makes a gateway with the defaults of what was left out, and gives it back", async () => {
  const { aiGateway } = gatewayFixture().client;
  const made = await aiGateway.create({ ...minimal, id: "main" });
  expect(made).toEqual({
    id: "main",
    cache_invalidate_on_update: false,
    cache_ttl: 0,
    collect_logs: true,
    rate_limiting_interval: 0,
    rate_limiting_limit: 0,
    rate_limiting_technique: "fixed",
    authentication: false,
    log_management: null,
    log_management_strategy: null,
    logpush: false,
    logpush_public_key: null,
    retry_backoff: null,
    retry_delay: null,
    retry_max_attempts: null,
    spend_limits: null,
    store_id: null,
    workers_ai_billing_mode: "postpaid",
    zdr: false,
    dlp: null,
    guardrails: null,
    stripe: null,
    otel: null,
    is_default: false,
    created_at: "2026-11-01T00:00:00.000000Z",
    modified_at: "2026-11-01T00:00:00.000000Z",
  });
  expect(await aiGateway.get("main", { account_id })).toEqual(made);
});

it("replaces all settings at once", async () => {
  const { client, time } = gatewayFixture();
  const before = await client.aiGateway.create({ ...minimal, id: "main", authentication: true, cache_ttl: 60 });
  time.now += 1000;
  const after = await client.aiGateway.update("main", { ...minimal, cache_ttl: null, zdr: true });
  expect(after).toMatchObject({ cache_ttl: 0, zdr: true, authentication: false, created_at: before.created_at });
  expect(after.modified_at).not.toBe(before.modified_at);
});

it("takes and shows spend limits, with the defaults of Cloudflare's provider", async () => {
  const { aiGateway } = gatewayFixture().client;
  const metadata = { user: { mode: "partition" }, plan: { mode: "filter", values: ["free"] } };
  await aiGateway.create(cap([monthly, { limitType: "cost", limit: 0.5, window: 60, metadata }]));
  const { spend_limits } = await aiGateway.get("capped", { account_id });
  expect(spend_limits).toEqual({
    enabled: true,
    rules: [
      { ...monthly, enabled: true },
      {
        id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        enabled: true,
        limitType: "cost",
        limit: 0.5,
        window: 60,
        technique: "sliding",
        metadata,
      },
    ],
  });
});

it("leaves the limits out without a word when told to, at creation and at every replacement until it is over", async () => {
  const { client, faults } = gatewayFixture();
  faults.add({ service: "ai-gateway", kind: "unreachable", target: "capped", count: 1 });
  faults.add({ service: "ai-gateway", kind: "ignore-cap", target: "capped", count: 2 });
  const unaffected = await client.aiGateway.create({ ...(cap([monthly]) as object), id: "other" } as never);
  expect(unaffected.spend_limits).not.toBeNull();
  const limits = async () => (await client.aiGateway.get("capped", { account_id })).spend_limits;
  await client.aiGateway.create(cap([monthly]));
  expect(await limits()).toBeNull();
  await client.aiGateway.update("capped", cap([monthly]));
  expect(await limits()).toBeNull();
  await client.aiGateway.update("capped", cap([monthly]));
  expect(await limits()).toMatchObject({ rules: [{ limit: 10 }] });
  expect(faults.list()).toMatchObject([{ kind: "unreachable", count: 1 }]);
});

it.each<[string, object[], RegExp]>([
  ["a budget of 0", [{ ...monthly, limit: 0 }], /^spend_limits\.rules\.0\.limit: must be more than 0/],
  ["a negative budget", [{ ...monthly, limit: -1 }], /limit: must be more than 0/],
  ["a window of 0", [{ ...monthly, window: 0 }], /window: must be more than 0/],
  ["half a second", [{ ...monthly, window: 0.5 }], /window: must be whole seconds/],
  ["one id twice", [monthly, monthly], /same id/],
  ["21 rules", Array.from({ length: 21 }, (_, index) => ({ ...monthly, id: `r${index}` })), /at most 20/],
  ["a budget of tokens", [{ ...monthly, limitType: "tokens" }], /limitType/],
  ["a budget split by model", [{ ...monthly, model: { mode: "partition", values: ["m"] } }], /model/],
  ["a filter for nothing", [{ ...monthly, metadata: { plan: { mode: "filter", values: [] } } }], /metadata\.plan/],
])("refuses %s", async (_, rules, message) => {
  const { aiGateway } = gatewayFixture().client;
  await expect(aiGateway.create(cap(rules))).rejects.toMatchObject(refusal(400, 7001, message));
  await expect(aiGateway.get("capped", { account_id })).rejects.toMatchObject(refusal(404, 7002));
});

it.each<[string, object, RegExp]>([
  ["a name with capitals", { id: "Main" }, /^id: small letters/],
  ["a name of 65 letters", { id: "a".repeat(65) }, /^id/],
  ["a retry delay above a minute", { retry_delay: 60_001 }, /^retry_delay/],
  ["six attempts", { retry_max_attempts: 6 }, /^retry_max_attempts/],
  ["too few logs", { log_management: 9_999 }, /^log_management/],
  ["an unknown technique", { rate_limiting_technique: "leaky" }, /^rate_limiting_technique/],
  ["a missing field", { collect_logs: undefined }, /^collect_logs/],
])("refuses %s", async (_, fields, message) => {
  const { aiGateway } = gatewayFixture().client;
  const body = { ...minimal, id: "main", ...fields } as never;
  await expect(aiGateway.create(body)).rejects.toMatchObject(refusal(400, 7001, message));
});

it("refuses a name that is taken with 400, since clients retry a 409", async () => {
  const { aiGateway } = gatewayFixture().client;
  await aiGateway.create({ ...minimal, id: "main" });
  await expect(aiGateway.create({ ...minimal, id: "main" })).rejects.toMatchObject(
    refusal(400, 7001, /already exists/),
  );
});

it("says that a gateway is not there", async () => {
  const { aiGateway } = gatewayFixture().client;
  const missing = refusal(404, 7002);
  await expect(aiGateway.get("nobody", { account_id })).rejects.toMatchObject(missing);
  await expect(aiGateway.update("nobody", minimal)).rejects.toMatchObject(missing);
  await expect(aiGateway.delete("nobody", { account_id })).rejects.toMatchObject(missing);
  await expect(aiGateway.logs.list("nobody", { account_id })).rejects.toMatchObject(missing);
  await expect(aiGateway.dynamicRouting.list("nobody", { account_id })).rejects.toMatchObject(missing);
});

it("lists by pages until an empty one, searches, and stops at what the plan has", async () => {
  const { client } = gatewayFixture();
  const names = Array.from({ length: 10 }, (_, index) => `gateway-${index}`);
  for (const id of names) await client.aiGateway.create({ ...minimal, id });
  await expect(client.aiGateway.create({ ...minimal, id: "more" })).rejects.toMatchObject(
    refusal(400, 7001, /has 10 gateways/),
  );
  const listed: string[] = [];
  for await (const { id } of client.aiGateway.list({ account_id, per_page: 3 })) listed.push(id);
  expect(listed).toEqual(names);
  expect((await client.aiGateway.list({ account_id, page: 9 })).result).toEqual([]);
  expect((await client.aiGateway.list({ account_id, search: "-7" })).result).toMatchObject([{ id: "gateway-7" }]);
});

it("says which settings it keeps and does not act on", async () => {
  const { request } = gatewayFixture();
  const guardrails = { prompt: { S1: "BLOCK" }, response: {} };
  const body = JSON.stringify({ ...minimal, id: "main", guardrails, logpush: true });
  const answer = (await (await request("", { method: "POST", body })).json()) as Record<string, unknown>;
  expect(answer).toMatchObject({
    success: true,
    result: { guardrails },
    messages: [{ message: expect.stringMatching(/^logpush/) }, { message: expect.stringMatching(/^guardrails/) }],
  });
});

it("shows an account its own gateways only", async () => {
  const { client } = gatewayFixture();
  await client.aiGateway.create({ ...minimal, id: "main" });
  expect((await client.aiGateway.list({ account_id: otherAccount })).result).toEqual([]);
  await expect(client.aiGateway.delete("main", { account_id: otherAccount })).rejects.toMatchObject(refusal(404, 7002));
  await client.aiGateway.create({ ...minimal, account_id: otherAccount, id: "main", zdr: true });
  expect(await client.aiGateway.get("main", { account_id })).toMatchObject({ zdr: false });
});
