import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { tokenCost } from "../src/ai/cost.ts";
import { type RelayedQuery, relayClient } from "../src/ai/relay.ts";
import { AiError } from "../src/ai.ts";
import { priceOf, type TokenPrice } from "../src/model-prices.ts";
import { Settings } from "../src/settings.ts";
import { booked, clearFaults, emptyBooks, fault, gateway, ledgerOf } from "./ai-harness.ts";
import { FALLBACK, PRIMARY } from "./ai-route.ts";

const relay = () =>
  relayClient({
    binding: env.AI,
    gateway,
    ledger: ledgerOf(),
    models: Settings.parse({}).models,
    template: "edge-cache",
    tenant: "ann",
  });

const question: RelayedQuery = { messages: [{ role: "user", content: "Where is my parcel?" }], max_tokens: 64 };
const weather = {
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

beforeEach(async () => {
  await emptyBooks();
  await clearFaults();
});

function listed(model: string, usage: { inputTokens: number; outputTokens: number }): number {
  return tokenCost(priceOf(model) as TokenPrice, usage);
}

describe("a relayed chat", () => {
  it("passes tools through and is settled at its true cost", async () => {
    const query = { ...question, tools: [weather], tool_choice: "required" };
    const answer = await relay().chat(query);
    expect(answer.value.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather" } });
    expect(answer).toMatchObject({ model: PRIMARY, fallback: false, cached: false });
    expect(answer.costNano).toBe(listed(PRIMARY, answer.usage));
    expect(await booked()).toMatchObject([{ state: "settled", cost: answer.costNano, model: PRIMARY }]);
  });

  it("says when the fallback has answered", async () => {
    await fault({ kind: "fail", target: PRIMARY });
    expect(await relay().chat(question)).toMatchObject({ model: FALLBACK, fallback: true });
  });

  it("can ask one model of the route alone, which then has no fallback", async () => {
    expect(await relay().chat(question, { model: FALLBACK })).toMatchObject({ model: FALLBACK, fallback: false });
    await fault({ kind: "fail", target: FALLBACK });
    await expect(relay().chat(question, { model: FALLBACK })).rejects.toBeInstanceOf(AiError);
  });
});

describe("one model that is tried twice", () => {
  it("answers after a failure, and is reserved for both attempts", async () => {
    const once = await relay().chat(question, { model: FALLBACK });
    await fault({ kind: "fail", target: FALLBACK, count: 1 });
    const twice = await relay().chat(question, { model: FALLBACK, attempts: 2 });
    expect(twice).toMatchObject({ model: FALLBACK, fallback: false });
    const [first, second] = await booked();
    expect(first).toMatchObject({ state: "settled", cost: once.costNano });
    expect(second).toMatchObject({ state: "settled", worst_case: 2 * (first?.worst_case ?? 0) });
  });
});

describe("a relayed stream", () => {
  it("gives the model's own chunks, then what they cost", async () => {
    const stream = await relay().stream(question);
    const texts: string[] = [];
    let step = await stream.next();
    for (; !step.done; step = await stream.next()) texts.push(step.value.choices[0]?.delta.content ?? "");
    expect(texts.length).toBeGreaterThan(3);
    expect(step.value.usage.outputTokens).toBeGreaterThan(0);
    expect(step.value.costNano).toBe(listed(PRIMARY, step.value.usage));
    expect(await booked()).toMatchObject([{ state: "settled", cost: step.value.costNano }]);
  });

  it("counts at its worst case when its reader leaves in the middle", async () => {
    const stream = await relay().stream(question);
    await stream.next();
    await stream.return({} as never); // what comes back is not read
    const [call] = await booked();
    expect(call).toMatchObject({ state: "settled", cost: call?.worst_case });
  });

  it("fails by name, and counts at its worst case, when it is cut off", async () => {
    await fault({ kind: "cut", target: PRIMARY });
    const read = async () => {
      const stream = await relay().stream(question);
      while (!(await stream.next()).done);
    };
    await expect(read()).rejects.toMatchObject({ code: "model_unavailable" });
    const [call] = await booked();
    expect(call).toMatchObject({ state: "settled", cost: call?.worst_case });
  });

  it("fails before it begins when no model answers, for nothing", async () => {
    await fault({ kind: "fail" });
    await expect(relay().stream(question)).rejects.toMatchObject({ code: "model_unavailable" });
    expect(await booked()).toMatchObject([{ state: "released" }]);
  });
});

it("relays texts as vectors in their order, with their tokens counted", async () => {
  const [one, other] = (await relay().embed(["a parcel", "the moon"])).value;
  const answer = await relay().embed(["the moon", "a parcel"]);
  expect(answer.value[0]).toEqual(other);
  expect(answer.value[1]).toEqual(one);
  expect(answer.usage.inputTokens).toBeGreaterThan(0);
  expect(answer.costNano).toBe(listed(answer.model, answer.usage));
});
