import { describe, expect, it } from "vitest";
import type { SpendCall, SpendRule } from "./gateway.ts";
import { type GatewayFixture, gatewayFixture, minimal } from "./gateway-fixture.ts";
import { budgetOf } from "./spend-limit.ts";
import { counted } from "./time-window.ts";

const rule = (scope: Partial<SpendRule> = {}): SpendRule => ({
  id: "r",
  enabled: true,
  limitType: "cost",
  limit: 1,
  window: 60,
  technique: "fixed",
  ...scope,
});
const call = (metadata: SpendCall["metadata"] = null): SpendCall => ({
  provider: "openai",
  model: "gpt-5-nano",
  metadata,
});
const filter = (...values: string[]) => ({ mode: "filter", values });
const partition = { mode: "partition" };

describe("which budget a call counts in", () => {
  it.each<[string, Partial<SpendRule>, SpendCall, string | undefined]>([
    ["everybody's", {}, call(), ""],
    ["a model's", { model: filter("gpt-5-nano") }, call(), ""],
    ["a model's, named with its provider", { model: filter("openai/gpt-5-nano") }, call(), ""],
    ["not another model's", { model: filter("gpt-5") }, call(), undefined],
    ["a provider's", { provider: filter("anthropic", "openai") }, call(), ""],
    ["not another provider's", { provider: filter("anthropic") }, call(), undefined],
    ["not of both, when one is another", { provider: filter("openai"), model: filter("x") }, call(), undefined],
    ["a user's own", { metadata: { user: partition } }, call({ user: "u-1" }), '[["user","u-1"]]'],
    ["a number's own", { metadata: { user: partition } }, call({ user: 7 }), '[["user","7"]]'],
    ["nobody's without the key", { metadata: { user: partition } }, call({ plan: "free" }), undefined],
    ["nobody's without metadata", { metadata: { user: partition } }, call(), undefined],
    ["not of a key every object has", { metadata: { toString: partition } }, call({ user: "u" }), undefined],
    ["of one plan", { metadata: { plan: filter("free") } }, call({ plan: "free" }), ""],
    ["not of another plan", { metadata: { plan: filter("free") } }, call({ plan: "pro" }), undefined],
    [
      "of two keys, in whatever order",
      { metadata: { user: partition, app: partition } },
      call({ user: "u", app: "a" }),
      '[["app","a"],["user","u"]]',
    ],
  ])("%s", (_, scope, of, budget) => expect(budgetOf(rule(scope), of)).toBe(budget));
});

describe("how a window forgets", () => {
  it.each<["fixed" | "sliding", number, number, number, number]>([
    ["fixed", 0, 5, 3, 5],
    ["fixed", 59_999, 5, 3, 5],
    ["sliding", 0, 0, 4, 4],
    ["sliding", 15_000, 1, 4, 4],
    ["sliding", 30_000, 1, 4, 3],
    ["sliding", 45_000, 1, 4, 2],
  ])("%s, %i ms in", (technique, now, current, previous, expected) => {
    expect(counted(technique, { now, seconds: 60, current, previous })).toBeCloseTo(expected, 9);
  });
});

const MINUTE = 60_000;

async function limited(...rules: Partial<SpendRule>[]): Promise<GatewayFixture> {
  const fixture = gatewayFixture();
  const spend_limits = { enabled: true, rules: rules.map((one) => rule(one)) } as never; // `unknown` scopes
  await fixture.client.aiGateway.create({ ...minimal, id: "main", spend_limits });
  return fixture;
}

/** The id of the rule that refuses a call with these metadata. */
function refusal({ state }: GatewayFixture, metadata: SpendCall["metadata"] = null): string | undefined {
  const gateway = state.gateways.get(minimal.account_id, "main");
  return state.exceeded(gateway, minimal.account_id, { ...call(metadata) })?.id;
}

it("refuses after the call that crosses the limit, and no more when a fixed window ends with the clock's minute", async () => {
  const fixture = await limited({});
  fixture.time.now += 40_000;
  fixture.call({ cost: 0.999 });
  expect(refusal(fixture)).toBeUndefined();
  fixture.call({ cost: 0.002 });
  expect(refusal(fixture)).toBe("r");
  fixture.time.now += 19_999;
  expect(refusal(fixture)).toBe("r");
  fixture.time.now += 1;
  expect(refusal(fixture)).toBeUndefined();
});

it("lets a sliding window go as the last one weighs less", async () => {
  const fixture = await limited({ technique: "sliding" });
  fixture.call({ cost: 1.25 });
  fixture.time.now += MINUTE + 11_000;
  expect(refusal(fixture)).toBe("r");
  fixture.time.now += 2_000;
  expect(refusal(fixture)).toBeUndefined();
  fixture.time.now += 2 * MINUTE;
  fixture.call({ cost: 0.5 });
  expect(refusal(fixture)).toBeUndefined();
});

it("gives every user a budget, and lets calls without a user pass", async () => {
  const fixture = await limited({ metadata: { user: partition } });
  fixture.call({ cost: 2, metadata: { user: "a" } });
  expect([refusal(fixture, { user: "a" }), refusal(fixture, { user: "b" }), refusal(fixture)]).toEqual([
    "r",
    undefined,
    undefined,
  ]);
});

it("names the first of several rules that is used up, and ignores those that are off", async () => {
  const fixture = await limited({ id: "off", enabled: false, limit: 0.1 }, { id: "big", limit: 9 }, { id: "small" });
  fixture.call({ cost: 2 });
  expect(refusal(fixture)).toBe("small");
});

it("limits nothing while the limits as a whole are off", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 2 });
  const { rules } = fixture.state.gateways.get(minimal.account_id, "main").spend_limits ?? {};
  await fixture.client.aiGateway.update("main", { ...minimal, spend_limits: { enabled: false, rules } as never });
  expect(refusal(fixture)).toBeUndefined();
});

it("keeps counting for a rule of the same id, and begins anew for another", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 2 });
  const put = (one: Partial<SpendRule>) =>
    fixture.client.aiGateway.update("main", {
      ...minimal,
      spend_limits: { enabled: true, rules: [rule(one)] } as never,
    });
  await put({ limit: 3 });
  expect(refusal(fixture)).toBeUndefined();
  fixture.call({ cost: 2 });
  expect(refusal(fixture)).toBe("r");
  await put({ id: "another" });
  expect(refusal(fixture)).toBeUndefined();
});

it("counts calls that are not logged", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 2 }, false);
  expect(refusal(fixture)).toBe("r");
  expect((await fixture.client.aiGateway.logs.list("main", { account_id: minimal.account_id })).result).toEqual([]);
});

it("neither loses nor doubles spend when the clock jumps back over the end of a window", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 0.6 });
  fixture.time.now += MINUTE;
  fixture.call({ cost: 0.6 });
  fixture.time.now -= MINUTE;
  expect(refusal(fixture)).toBeUndefined();
  fixture.call({ cost: 0.5 });
  expect(refusal(fixture)).toBe("r");
  fixture.restart();
  expect(refusal(fixture)).toBe("r");
  fixture.time.now += MINUTE;
  expect(refusal(fixture)).toBeUndefined();
  fixture.call({ cost: 0.4 });
  expect(refusal(fixture)).toBe("r");
});

it("knows after a restart what was spent", async () => {
  const fixture = await limited({ metadata: { user: partition } });
  fixture.call({ cost: 2, metadata: { user: "a\nb" } });
  fixture.restart();
  expect(refusal(fixture, { user: "a\nb" })).toBe("r");
  expect(refusal(fixture, { user: "a" })).toBeUndefined();
});

it("drops windows that are long over, in memory and on the disk", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 2 });
  fixture.time.now += 3 * 24 * 3_600_000;
  fixture.call({ cost: 0.5 });
  fixture.restart();
  expect(fixture.store.all("SELECT spent FROM ai_gateway_spend")).toEqual([{ spent: 0.5 }]);
});

it("starts from nothing when a gateway is made again", async () => {
  const fixture = await limited({});
  fixture.call({ cost: 2 });
  await fixture.client.aiGateway.delete("main", { account_id: minimal.account_id });
  await fixture.client.aiGateway.create({
    ...minimal,
    id: "main",
    spend_limits: { enabled: true, rules: [rule()] } as never,
  });
  expect(refusal(fixture)).toBeUndefined();
});
