import { env } from "cloudflare:workers";
import { Settings } from "@tenner/worker-kit/settings";
import { beforeAll, describe, expect, it } from "vitest";
import { assign } from "../src/experiments/assign.ts";
import { asking, callsWith, keyOf, migrate, newQuestion } from "./harness.ts";
import { workerWith } from "./with-settings.ts";

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const LARGE = "@cf/mistralai/mistral-small-3.1-24b-instruct";

beforeAll(migrate);

let experiments = 0;
/** An experiment that no other test has, of two variants. */
function trying(first: object = {}, second: object = {}, more: object = {}) {
  const name = `try-${experiments++}`;
  const variants = [
    { name: "first", ...first },
    { name: "second", ...second },
  ];
  const settings = { ...more, experiments: [{ name, variants }] };
  return { name, experiments: Settings.parse(settings).experiments, ...workerWith(settings) };
}

type Worker = ReturnType<typeof trying>;

/** Past the cache, unless told. */
async function ask(
  worker: Worker,
  content: string,
  options: { subject?: string | undefined; key?: string; more?: object; keep?: boolean } = {},
) {
  const { subject, key, more, keep } = options;
  const response = await worker.api("POST", "/v1/chat/completions", {
    body: asking(content, more),
    ...(key !== undefined && { key }),
    headers: {
      ...(subject !== undefined && { "x-experiment-subject": subject }),
      ...(keep !== true && { "cache-control": "no-store" }),
    },
  });
  const body = await response.json<{ model?: string }>();
  const header = (name: string) => response.headers.get(name);
  return {
    status: response.status,
    variant: header("x-experiment")?.split("=")[1],
    experiment: header("x-experiment"),
    cache: header("x-cache"),
    route: header("x-route"),
    reason: header("x-route-reason"),
    requestId: header("x-request-id") ?? "",
    costUsd: Number(header("x-cost-usd")),
    model: body.model,
  };
}

/** So many subjects of each variant, as the tenant's callers name them. */
async function subjects(worker: Worker, count = 1, tenant = "default"): Promise<Record<"first" | "second", string[]>> {
  const found = { first: [] as string[], second: [] as string[] };
  for (let number = 0; Math.min(found.first.length, found.second.length) < count; number++) {
    const subject = `subject-${number}`;
    const trial = await assign(worker.experiments, tenant, JSON.stringify(["subject", subject]));
    found[trial?.variant.name === "first" ? "first" : "second"].push(subject);
  }
  return { first: found.first.slice(0, count), second: found.second.slice(0, count) };
}

interface Figure {
  value: number;
  low: number | null;
  high: number | null;
}
interface Report {
  name: string;
  share: number | null;
  variants: {
    name: string;
    subjects: number;
    requests: number;
    errors: number;
    hits: number;
    rated: number;
    figures: Record<string, Figure | null>;
    against_first: Record<string, Figure | null> | null;
  }[];
}

async function report(worker: Pick<Worker, "api" | "name">, key?: string, query = ""): Promise<Report["variants"]> {
  const response = await worker.api("GET", `/v1/experiments${query}`, key === undefined ? {} : { key });
  const list = await response.json<{ experiments: Report[] }>();
  return list.experiments.find(({ name }) => name === worker.name)?.variants ?? [];
}

describe("an experiment", () => {
  it("gives a caller one variant: by header, by the request's user, or else by its key", async () => {
    const worker = trying({ model: PRIMARY }, { model: LARGE });
    const {
      first: [first],
      second: [second],
    } = await subjects(worker);
    for (const _ of ["now", "again"]) {
      expect(await ask(worker, newQuestion(), { subject: first })).toMatchObject({
        experiment: `${worker.name}=first`,
        route: PRIMARY,
        reason: "experiment",
        model: PRIMARY,
      });
      expect(await ask(worker, newQuestion(), { subject: second })).toMatchObject({ variant: "second", model: LARGE });
    }
    const byKey = await ask(worker, newQuestion());
    const byUser = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7].map((user) => ask(worker, newQuestion(), { more: { user: `user-${user}` } })),
    );
    expect(await ask(worker, newQuestion())).toMatchObject({ variant: byKey.variant });
    expect(new Set(byUser.map(({ variant }) => variant)).size).toBe(2);
    expect((await ask(worker, newQuestion(), { subject: "a b" })).status).toBe(400);
  });

  it("shares answers between variants only where these ask the same", async () => {
    const same = trying({}, { weight: 1 });
    const other = trying({}, { system: "Answer in one word." });
    for (const [worker, expected, calls] of [
      [same, "hit-exact", 1],
      [other, "miss", 2],
    ] as const) {
      const {
        first: [first],
        second: [second],
      } = await subjects(worker);
      const question = newQuestion("What is a share?");
      expect((await ask(worker, question, { subject: first, keep: true })).cache).toBe("miss");
      expect((await ask(worker, question, { subject: second, keep: true })).cache).toBe(expected);
      expect(await callsWith(question)).toBe(calls);
    }
    expect(await callsWith("Answer in one word.")).toBeGreaterThan(0);
  });

  it("counts a variant's temperature as the request's own", async () => {
    const worker = trying({}, { temperature: 1.5 });
    const {
      first: [first],
      second: [second],
    } = await subjects(worker);
    expect((await ask(worker, newQuestion(), { subject: first, keep: true })).cache).toBe("miss");
    expect((await ask(worker, newQuestion(), { subject: second, keep: true })).cache).toBe("bypass");
  });

  it("leaves a request alone that names its model", async () => {
    const worker = trying({ model: PRIMARY }, { model: PRIMARY, system: "x" });
    const asked = await ask(worker, newQuestion(), { more: { model: LARGE } });
    expect(asked).toMatchObject({ experiment: null, model: LARGE, reason: "asked" });
  });

  it("takes nobody for whom a variant would be too dear", async () => {
    const worker = trying({}, { model: LARGE }, { routing: { maxUsdPerCall: 0.0001 } });
    const asked = await ask(worker, newQuestion(), { more: { max_tokens: 16 } });
    expect(asked.experiment).not.toBeNull();
    expect(await ask(worker, newQuestion(), { more: { max_tokens: 170 } })).toMatchObject({ status: 400 });
    const dear = trying({ model: PRIMARY }, { model: LARGE }, { routing: { maxUsdPerCall: 0.0002, small: PRIMARY } });
    expect(await ask(dear, newQuestion(), { more: { max_tokens: 340 } })).toMatchObject({
      experiment: null,
      route: PRIMARY,
    });
  });
});

describe("an experiment's figures", () => {
  it("are cost, latency, hits, errors and feedback by variant, over callers, with their intervals", async () => {
    const key = await keyOf("trial-ann");
    const worker = trying({ model: PRIMARY }, { model: LARGE });
    const callers = await subjects(worker, 2, "trial-ann");
    const asked: Awaited<ReturnType<typeof ask>>[] = [];
    for (const subject of [...callers.first, ...callers.second]) {
      const question = newQuestion();
      asked.push(await ask(worker, question, { subject, key, keep: true }));
      asked.push(await ask(worker, question, { subject, key, keep: true }));
    }
    expect(asked.map(({ cache }) => cache)).toEqual(Array(4).fill(["miss", "hit-exact"]).flat());
    const failed = await ask(worker, newQuestion("[[refuse]]"), { subject: callers.first[0], key });
    expect(failed.status).toBe(400);
    const stoodIn = await ask(worker, newQuestion("[[fail-primary]]"), { subject: callers.first[0], key });
    expect(stoodIn.model).toBe(LARGE);
    const ofSecond = asked.filter(({ variant }) => variant === "second");
    for (const [place, { requestId }] of ofSecond.entries()) {
      const body = { request_id: requestId, ...(place === 0 ? { thumb: "down", comment: "no" } : { score: 0.8 }) };
      const said = await worker.api("POST", "/v1/feedback", { key, body });
      expect(await said.json()).toMatchObject({ experiment: worker.name, variant: "second" });
    }
    const [first, second] = await report(worker, key);
    expect(first).toMatchObject({
      name: "first",
      subjects: 2,
      requests: 6,
      errors: 1,
      fallbacks: 1,
      hits: 2,
      rated: 0,
    });
    expect(first?.figures).toMatchObject({ hit_rate: { value: 0.5 }, error_rate: { value: 1 / 6 }, score: null });
    expect(second).toMatchObject({
      name: "second",
      subjects: 2,
      requests: 4,
      errors: 0,
      fallbacks: 0,
      hits: 2,
      rated: 4,
    });
    expect(second?.figures).toMatchObject({ hit_rate: { value: 0.5 }, error_rate: { value: 0 } });
    const score = second?.figures["score"];
    expect(score?.value).toBeCloseTo(0.6);
    expect(score?.low).toBeLessThan(0.6);
    const paid = asked.filter(({ variant }) => variant === "first").reduce((sum, { costUsd }) => sum + costUsd, 0);
    expect(paid).toBeGreaterThan(0);
    expect(first?.figures["cost_usd"]?.value).toBeCloseTo((paid + stoodIn.costUsd) / 5, 9);
    expect(second?.against_first?.["cost_usd"]?.value).toBeGreaterThan(0);
    expect(first?.against_first).toBeNull();
    expect(second?.figures["latency_ms"]?.value).toBeGreaterThanOrEqual(0);
  });

  it("are a tenant's own, as is its feedback; only an admin sees all tenants'", async () => {
    const [ann, bob] = [await keyOf("trial-own-ann"), await keyOf("trial-own-bob")];
    const worker = trying();
    const asked = await ask(worker, newQuestion(), { key: ann });
    const said = await worker.api("POST", "/v1/feedback", {
      key: bob,
      body: { request_id: asked.requestId, thumb: "up" },
    });
    expect(await said.json()).toMatchObject({ experiment: null, variant: null });
    const total = (variants: Report["variants"], what: "requests" | "rated") =>
      variants.reduce((sum, variant) => sum + variant[what], 0);
    expect(total(await report(worker, ann), "requests")).toBe(1);
    expect(total(await report(worker, ann), "rated")).toBe(0);
    expect(total(await report(worker, bob), "requests")).toBe(0);
    expect((await worker.api("GET", "/v1/experiments?scope=stack", { key: ann })).status).toBe(403);
    expect(total(await report(worker, undefined, "?scope=stack"), "requests")).toBe(1);
    const read = async (key: string) =>
      (await (await worker.api("GET", "/v1/feedback", { key })).json<{ feedback: object[] }>()).feedback;
    expect(await read(ann)).toEqual([]);
    expect(await read(bob)).toMatchObject([{ request_id: asked.requestId, score: 1 }]);
  });

  it("take feedback that was there before its request, and the last word of several", async () => {
    const key = await keyOf("trial-early");
    const worker = trying();
    const body = { request_id: `early-${crypto.randomUUID()}`, thumb: "down" };
    expect(await (await worker.api("POST", "/v1/feedback", { key, body })).json()).toMatchObject({ experiment: null });
    const headers = { "x-request-id": body.request_id };
    await (await worker.api("POST", "/v1/chat/completions", { key, headers, body: asking(newQuestion()) })).text();
    const rated = async () => (await report(worker, key)).filter((variant) => variant.rated > 0);
    expect(await rated()).toMatchObject([{ rated: 1, figures: { score: { value: 0 } } }]);
    await worker.api("POST", "/v1/feedback", { key, body: { ...body, thumb: "up" } });
    expect(await rated()).toMatchObject([{ rated: 1, figures: { score: { value: 1 } } }]);
  });

  it("refuse feedback that says nothing or two things", async () => {
    const worker = trying();
    for (const said of [{}, { score: 1, thumb: "up" }, { score: 2 }, { thumb: "sideways" }]) {
      const response = await worker.api("POST", "/v1/feedback", { body: { request_id: "request-1", ...said } });
      expect(response.status, JSON.stringify(said)).toBe(400);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  it("are kept when the experiment is gone from the settings, until nobody has asked for 400 days", async () => {
    const key = await keyOf("trial-gone");
    const worker = trying();
    await ask(worker, newQuestion(), { key });
    await report(worker, key);
    const without = { name: worker.name, ...workerWith({}) };
    expect(await report(without, key)).toMatchObject([{ requests: 1 }]);
    const rows = "SELECT count(*) AS n FROM experiment_requests WHERE tenant = 'trial-gone'";
    without.pass(31 * 86_400);
    await without.cron();
    expect(await env.DB.prepare(rows).first("n")).toBe(0);
    expect(await report(without, key)).toMatchObject([{ requests: 1 }]);
    without.pass(400 * 86_400);
    await without.cron();
    expect(await report(without, key)).toEqual([]);
  });
});
