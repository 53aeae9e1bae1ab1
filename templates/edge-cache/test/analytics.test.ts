import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Settings } from "@tenner/worker-kit/settings";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rollUp } from "../src/analytics/roll-up.ts";
import { insertCounts, noCounts } from "../src/analytics/tally-rows.ts";
import worker from "../src/index.ts";
import { writeTallies } from "../src/tally.ts";
import { api, ask, asking, keyOf, migrate, newQuestion } from "./harness.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const { analytics: KEEPING } = Settings.parse({});

beforeAll(migrate);

interface Figures {
  name: string;
  at: string;
  requests: number;
  hits: number;
  misses: number;
  errors: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
  saved_usd: number;
  hit_rate: number | null;
  p50_ms: number | null;
}

interface Analytics {
  step: string;
  total: Figures;
  names: Figures[];
  points: Figures[];
  next_cursor: string | null;
}

async function analytics(query: string, key?: string): Promise<Analytics> {
  const response = await api("GET", `/v1/analytics?${query}`, { key });
  expect(response.status).toBe(200);
  return response.json<Analytics>();
}

async function exported(query: string, key?: string): Promise<string> {
  const response = await api("GET", `/v1/analytics/export?${query}`, { key });
  expect(response.status).toBe(200);
  return response.text();
}

/** Books requests of a minute, as if they had been. */
async function book(tenant: string, at: number, more: { outcome?: string; model?: string; requests?: number } = {}) {
  const { outcome = "miss", model = "m", requests = 1 } = more;
  const counts = Object.assign(noCounts(), { requests, costNano: 1_000 * requests });
  counts.times[5] = requests;
  const minute = at - (at % 60_000);
  await insertCounts(env.DB, [{ place: { tenant, at: minute, outcome, model, code: "" }, counts }]).run();
}

describe("analytics", () => {
  it("tell of a miss what it cost, and of the hit after it what that saved", async () => {
    const key = await keyOf("ana");
    const question = newQuestion();
    await ask(question, {}, { key });
    await ask(question, {}, { key });
    const { total, names, points } = await analytics("group=outcome", key);
    expect(total).toMatchObject({ requests: 2, hits: 1, misses: 1, hit_rate: 0.5, input_tokens: 7, output_tokens: 3 });
    expect(total.cost_usd).toBeGreaterThan(0);
    expect(total.saved_usd).toBe(total.cost_usd);
    expect(names.map(({ name }) => name).toSorted()).toEqual(["hit-exact", "miss"]);
    const sum = points.reduce((requests, point) => requests + point.requests, 0);
    expect(sum).toBe(2);
  });

  it("name errors by their code, and under no name that a caller made up", async () => {
    const key = await keyOf("ben");
    await ask(newQuestion("[[refuse]]"), { model: "made-up-name" }, { key });
    await ask(newQuestion(), {}, { key, headers: { "cache-control": "only-if-cached" } });
    const { names, total } = await analytics("group=code", key);
    expect(names.map(({ name }) => name).toSorted()).toEqual(["model_refused", "not_in_cache"]);
    expect(total).toMatchObject({ errors: 2, hit_rate: null });
    expect((await analytics("group=model", key)).names.map(({ name }) => name)).toEqual(["auto"]);
  });

  it("are one tenant's only, and of the whole stack only for an admin key", async () => {
    const [mine, theirs] = [await keyOf("cleo"), await keyOf("dora")];
    await book("cleo", Date.now(), { requests: 7 });
    expect((await analytics("group=tenant", theirs)).total.requests).toBe(0);
    expect(await exported("format=csv", theirs)).not.toContain("cleo");
    for (const path of ["/v1/analytics?scope=stack", "/v1/analytics/export?scope=stack"]) {
      expect((await api("GET", path, { key: mine })).status).toBe(403);
      expect((await api("GET", path, { key: null })).status).toBe(401);
    }
    const { names } = await analytics("scope=stack&group=tenant");
    expect(names.find(({ name }) => name === "cleo")).toMatchObject({ requests: 7 });
    expect((await analytics("group=tenant")).names.map(({ name }) => name)).not.toContain("cleo");
  });

  it("come in pages that together are all of it", async () => {
    const key = await keyOf("eli");
    const from = Date.now() - 3 * HOUR;
    for (const minute of [0, 1, 2])
      for (const model of ["a", "b~c"]) await book("eli", from + minute * 60_000, { model });
    const query = `group=model&step=1m&limit=4&from=${new Date(from).toISOString()}`;
    const first = await analytics(query, key);
    const rest = await analytics(`${query}&cursor=${encodeURIComponent(first.next_cursor ?? "")}`, key);
    const all = [...first.points, ...rest.points].map(({ at, name }) => `${at} ${name}`);
    expect(new Set(all).size).toBe(6);
    expect(all).toEqual(all.toSorted());
    expect(rest.next_cursor).toBeNull();
  });

  it("tell twenty names apart, and what is left as one", async () => {
    const key = await keyOf("flo");
    for (let name = 0; name < 23; name++) await book("flo", Date.now(), { model: `m${name}`, requests: 100 - name });
    const { names, points } = await analytics("group=model", key);
    expect(names).toHaveLength(21);
    expect(names.at(-1)).toMatchObject({ name: "(others)", requests: 80 + 79 + 78 });
    expect(points.find(({ name }) => name === "(others)")).toMatchObject({ requests: 237 });
  });

  it.each([
    ["step=1m&from=2026-01-01T00:00:00Z", /step=1d/],
    ["from=yesterday", /2026-11-21T18:00:00Z/],
    ["colour=red", /colour/],
  ])("say of %s what is wrong", async (query, said) => {
    const response = await api("GET", `/v1/analytics?${query}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    expect(await response.text()).toMatch(said);
  });
});

describe("the cron", () => {
  it("gathers old minutes into hours and old hours into days, and no request is lost or counted twice", async () => {
    const key = await keyOf("gus");
    const now = Date.now();
    const times = [0, 60_000, 49 * HOUR, 49 * HOUR + 60_000, 61 * DAY, 61 * DAY + HOUR, 62 * DAY];
    for (const ago of times) await book("gus", now - ago);
    const query = `step=1d&from=${new Date(now - 70 * DAY).toISOString()}`;
    const before = await analytics(query, key);
    // What is caught up with in one run is bounded; a run with nothing to do changes nothing.
    for (let run = 0; run < 5; run++) await rollUp(env.DB, KEEPING, now);
    const { results } = await env.DB.prepare(
      "SELECT step, sum(requests) AS requests FROM tallies WHERE tenant = 'gus' GROUP BY step ORDER BY step",
    ).all();
    expect(results).toEqual([
      { step: 60_000, requests: 2 },
      { step: HOUR, requests: 2 },
      { step: DAY, requests: 3 },
    ]);
    expect(await analytics(query, key)).toEqual(before);
    await rollUp(env.DB, { ...KEEPING, daysKeptDays: 61 }, now);
    expect((await analytics(query, key)).total.requests).toBeLessThan(times.length);
  });

  it("takes in what arrives late for an hour that was gathered before", async () => {
    const at = Date.now() - 50 * HOUR;
    for (const _ of [1, 2]) {
      await book("hal", at);
      await rollUp(env.DB, KEEPING, Date.now());
    }
    const { results } = await env.DB.prepare("SELECT step, requests, h5 FROM tallies WHERE tenant = 'hal'").all();
    expect(results).toEqual([{ step: HOUR, requests: 2, h5: 2 }]);
  });
});

describe("an export", () => {
  it("is a table that no spreadsheet computes", async () => {
    const key = await keyOf("ida");
    await book("ida", Date.now(), { model: `=cmd|' /C calc'!"A0"` });
    const [head, row, end] = (await exported("", key)).split("\r\n");
    expect(head).toMatch(/^at,tenant,outcome,model,error_code,requests,.*,p99_ms$/);
    expect(row).toMatch(/^20[^,]+Z,ida,miss,"'=cmd\|' \/C calc'!""A0""",,1,0,0,0.000001,0,5,5,5$/);
    expect(end).toBe("");
  });

  it("has every step of a long period, and is valid JSON with and without rows", async () => {
    const key = await keyOf("jan");
    expect(JSON.parse(await exported("format=json", key))).toEqual([]);
    for (let hour = 0; hour < 20; hour++) await book("jan", Date.now() - hour * HOUR);
    const rows = JSON.parse(await exported("format=json&step=1m", key)) as { requests: number; tenant: string }[];
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map(({ tenant }) => tenant))).toEqual(new Set(["jan"]));
  });
});

describe("top questions", () => {
  const settings = { analytics: { topQuestions: true } };
  const context = createExecutionContext();
  afterAll(() => waitOnExecutionContext(context));

  async function asked(key: string, question: string, more: object = {}, headers: Record<string, string> = {}) {
    const request = new Request("https://edge-cache.test/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(asking(question, more)),
    });
    // Only a fetch that came through the edge has this brand; the Worker looks at nothing of it.
    const response = await worker.fetch(request as never, { ...env, SETTINGS: settings }, context);
    await response.text();
    return response.headers.get("x-cache");
  }

  async function questions(
    key: string,
  ): Promise<{ enabled: boolean; questions: { question: string; hits: number }[] }> {
    const request = new Request("https://edge-cache.test/v1/analytics/questions", {
      headers: { authorization: `Bearer ${key}` },
    });
    const response = await worker.fetch(request as never, { ...env, SETTINGS: settings }, context);
    return response.json();
  }

  it("are counted only when the settings say so, only of hits, and never of what went past the cache", async () => {
    const key = await keyOf("kim");
    const [repeated, once, secret] = [newQuestion("What is a lamp?"), newQuestion(), newQuestion("my secret")];
    await asked(key, repeated);
    expect([await asked(key, repeated), await asked(key, repeated)]).toEqual(["hit-exact", "hit-exact"]);
    await asked(key, once);
    for (const _ of [1, 2]) await asked(key, secret, {}, { "cache-control": "no-store" });
    expect(await questions(key)).toMatchObject({ enabled: true, questions: [{ question: repeated, hits: 2 }] });
    expect((await questions(await keyOf("leo"))).questions).toEqual([]);
    await rollUp(env.DB, KEEPING, Date.now());
    expect((await questions(key)).questions).toEqual([]);
  });

  it("are nothing while they are off", async () => {
    const key = await keyOf("mia");
    const question = newQuestion();
    for (const _ of [1, 2]) await ask(question, {}, { key });
    await writeTallies(env.DB);
    expect(await env.DB.prepare("SELECT * FROM top_questions WHERE tenant = 'mia'").first()).toBeNull();
    const response = await api("GET", "/v1/analytics/questions", { key });
    expect(await response.json()).toEqual({ enabled: false, questions: [] });
  });
});
