import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, asking, booked, type CallOptions, keyOf, migrate, newQuestion } from "./harness.ts";
import { workerWith } from "./with-settings.ts";

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const LARGE = "@cf/mistralai/mistral-small-3.1-24b-instruct";

beforeAll(migrate);

const facts = async (response: Response) => {
  const body = await response.json<{ model?: string; error?: { code: string; message: string } }>();
  const { headers, status } = response;
  const [cache, route, reason] = ["x-cache", "x-route", "x-route-reason"].map((name) => headers.get(name));
  return { status, cache, route, reason, model: body.model, error: body.error };
};

type Settings = Parameters<typeof workerWith>[0];

/** Asks a Worker with these settings, past the cache. */
function askWith(settings: Settings, content: string, more: object = {}, key?: string) {
  return askKeeping(settings, content, more, { key, headers: { "cache-control": "no-store" } });
}

async function askKeeping(settings: Settings, content: string, more: object = {}, how: CallOptions = {}) {
  const options = { ...how, body: asking(content, more) };
  return facts(await workerWith(settings).api("POST", "/v1/chat/completions", options));
}

const routing = { large: [LARGE] };

describe("a question to auto", () => {
  it("goes to the large model when it is complex, else the stack's route, and each says so", async () => {
    const complex = newQuestion("Analyse the root cause");
    expect(await askKeeping({ routing }, complex)).toMatchObject({
      cache: "miss",
      route: LARGE,
      reason: "complex:words",
      model: LARGE,
    });
    expect(await askKeeping({ routing }, complex)).toMatchObject({ cache: "hit-exact", route: LARGE });
    expect(await askWith({ routing }, newQuestion())).toMatchObject({
      route: "auto",
      reason: "otherwise",
      model: PRIMARY,
    });
  });

  it("shares no answer with the same question that went another way", async () => {
    const question = newQuestion("prove");
    expect(await askKeeping({ routing }, question)).toMatchObject({ cache: "miss", model: LARGE });
    expect(await askKeeping({}, question)).toMatchObject({ cache: "miss", model: PRIMARY });
    expect(await askKeeping({}, question, { model: LARGE })).toMatchObject({
      cache: "miss",
      model: LARGE,
      reason: "asked",
    });
  });

  it("is answered by the route when its model fails, and that is not kept", async () => {
    const question = newQuestion("[[fail-primary]]");
    const settings = { routing: { otherwise: [PRIMARY] } };
    for (const _ of ["first", "again"]) {
      expect(await askKeeping(settings, question)).toMatchObject({
        status: 200,
        cache: "miss",
        route: PRIMARY,
        model: LARGE,
      });
    }
  });

  it("can go to another provider whose key the gateway has", async () => {
    const other = "openai/gpt-5-nano";
    const aiGateway = { secretsStoreId: "0".repeat(32) };
    const answer = await askWith({ aiGateway, routing: { otherwise: [other] } }, newQuestion());
    expect(answer).toMatchObject({ status: 200, route: other, model: "gpt-5-nano" });
  });

  it("streams from the route when its model fails before its first word", async () => {
    const question = newQuestion("[[fail-primary]]");
    const worker = workerWith({ routing: { otherwise: [PRIMARY] } });
    const response = await worker.api("POST", "/v1/chat/completions", { body: asking(question, { stream: true }) });
    const text = await response.text();
    expect(text).toContain(`"model":"${LARGE}"`);
    expect(text.trim().endsWith("data: [DONE]")).toBe(true);
  });

  it("pays for a model that is tried twice only what it cost", async () => {
    const before = await booked();
    const key = await keyOf("route-payer");
    expect(await askWith({ routing }, newQuestion("prove"), {}, key)).toMatchObject({ model: LARGE });
    const calls = (await booked(before)).filter(({ tenant }) => tenant === "route-payer");
    // 7 tokens in and 3 out, as the double counts them.
    expect(calls.map(({ cost }) => cost)).toContain(7 * 351 + 3 * 555);
    expect(new Set(calls.map(({ state }) => state))).toEqual(new Set(["settled"]));
  });
});

describe("a question that names its model", () => {
  it("gets that one whatever the rules say, and no other when it fails", async () => {
    expect(await askWith({ routing }, newQuestion("prove"), { model: PRIMARY })).toMatchObject({
      route: PRIMARY,
      reason: "asked",
      model: PRIMARY,
    });
    expect(await askWith({ routing }, newQuestion("[[fail-primary]]"), { model: PRIMARY })).toMatchObject({
      status: 503,
      error: { code: "model_unavailable" },
    });
  });

  it("may name a model that only the settings name, which is listed then", async () => {
    const other = "@cf/zai-org/glm-4.7-flash";
    const worker = workerWith({ routing: { rules: [{ name: "never", when: { minMessages: 2_000 }, to: [other] }] } });
    const list = await (await worker.api("GET", "/v1/models")).json<{ data: { id: string }[] }>();
    expect(list.data.map(({ id }) => id)).toContain(other);
    const response = await worker.api("POST", "/v1/chat/completions", {
      body: asking(newQuestion(), { model: other }),
    });
    expect(await facts(response)).toMatchObject({ status: 200, route: other, model: other });
    // Without it in the settings it is a name like any other.
    expect(await askWith({}, newQuestion(), { model: other })).toMatchObject({ route: "auto", model: PRIMARY });
  });
});

describe("money", () => {
  it("passes over a model that may cost too much, and refuses when even the small one may", async () => {
    const answer = (most: number, more: object = {}) =>
      askWith({ routing: { ...routing, maxUsdPerCall: most, small: PRIMARY } }, newQuestion("prove"), more);
    expect(await answer(1)).toMatchObject({ route: LARGE });
    expect(await answer(0.0005, { max_tokens: 1_000 })).toMatchObject({ route: PRIMARY, reason: "price" });
    const refused = await answer(0.000_001);
    expect(refused).toMatchObject({ status: 400, error: { code: "too_dear" } });
    expect(refused.error?.message).toMatch(/up to \$0\.0\d+ .* at most \$0\.000001/);
  });

  it("leaves only the small model when a share of a tenant's budget is used up, of that tenant alone", async () => {
    const settings = {
      routing: { ...routing, small: PRIMARY, smallAboveBudgetShare: 0.5 },
      budget: { monthlyUsd: 100, perTenantUsd: 0.01 },
    };
    const [spender, other] = [await keyOf("route-spender"), await keyOf("route-other")];
    await env.LEDGER.prepare(
      `INSERT INTO sums (month, owner, dimension, name, spent) VALUES (?1, '', 'tenant', 'route-spender', 6000000)
       ON CONFLICT DO UPDATE SET spent = excluded.spent`,
    )
      .bind(new Date().toISOString().slice(0, 7))
      .run();
    expect(await askWith(settings, newQuestion("prove"), { max_tokens: 20 }, spender)).toMatchObject({
      route: PRIMARY,
      reason: "budget",
    });
    expect(await askWith(settings, newQuestion("prove"), { max_tokens: 20 }, other)).toMatchObject({ route: LARGE });
  });
});

it("a stack without routing settings says that the route is asked", async () => {
  const { headers } = await ask(newQuestion());
  expect([headers.get("x-route"), headers.get("x-route-reason"), headers.has("x-experiment")]).toEqual([
    "auto",
    "otherwise",
    false,
  ]);
});
