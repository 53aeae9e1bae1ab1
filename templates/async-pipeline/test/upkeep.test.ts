import { env } from "cloudflare:workers";
import { Settings } from "@tenner/worker-kit/settings";
import { verifyWebhook } from "@tenner/worker-kit/webhooks";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { BatchStore } from "../src/adapters/batch-store.ts";
import { consumeChore } from "../src/consume-chores.ts";
import { notify } from "../src/notify.ts";
import { scheduled } from "../src/scheduled.ts";
import { migrate } from "./http-harness.ts";
import { texts, Workbench } from "./workbench.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const settings = Settings.parse(env.SETTINGS);
const AGENT_SECRET = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A batch that has ended. */
async function ended(more: Parameters<Workbench["batch"]>[1]): Promise<{ bench: Workbench; id: string }> {
  const bench = new Workbench();
  const id = await bench.batch(texts(2, "ended"), more);
  await bench.run();
  expect(await bench.batchNow(id)).toMatchObject({ status: "done" });
  return { bench, id };
}

/** What the outside world gets, and what it answers. */
function receiver(answer: () => Response): { headers: Headers; body: string }[] {
  const calls: { headers: Headers; body: string }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push({ headers: request.headers, body: await request.text() });
    return answer();
  });
  return calls;
}

describe("the end of a batch", () => {
  it("is told by a signed webhook, once", async () => {
    const { bench, id } = await ended({ webhook_url: "https://shop.example/hook" });
    const calls = receiver(() => new Response(null, { status: 204 }));
    expect(await notify(env, settings, id)).toBeNull();
    expect(await notify(env, settings, id)).toBeNull();
    expect(calls).toHaveLength(1);
    const { headers, body } = calls[0] ?? { headers: new Headers(), body: "" };
    expect(await verifyWebhook(env.WEBHOOK_SECRET, headers, body, Date.now())).toBe(`msg_${id}_1`);
    expect(JSON.parse(body)).toMatchObject({ type: "batch.done", data: { batch: { id, counts: { done: 2 } } } });
    expect(await bench.batchNow(id)).toMatchObject({ webhook_state: "delivered", webhook_attempts: 1 });
  });

  it("is told again, with the same words, until somebody listens", async () => {
    const { bench, id } = await ended({ webhook_url: "https://shop.example/hook" });
    let up = false;
    const calls = receiver(() => new Response(null, { status: up ? 200 : 503 }));
    const wait = (await notify(env, settings, id)) ?? 0;
    expect(wait).toBeGreaterThan(4_000);
    expect(await notify(env, settings, id)).toBeNull(); // Not due.
    up = true;
    vi.setSystemTime(Date.now() + wait + 1);
    await notify(env, settings, id);
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
    expect(calls).toHaveLength(2);
    expect(await bench.batchNow(id)).toMatchObject({ webhook_state: "delivered", webhook_attempts: 2 });
  });

  it("that died while it was told is told by the cron", async () => {
    const { bench, id } = await ended({ webhook_url: "https://shop.example/hook" });
    const at = Date.now();
    await new BatchStore(env.DB).takeNotice(id, "webhook", { now: at, leaseUntil: at + 60_000 });
    const calls = receiver(() => new Response(null, { status: 200 }));
    vi.setSystemTime(at + 61_000);
    await scheduled(env);
    await vi.waitFor(async () => expect(await bench.batchNow(id)).toMatchObject({ webhook_state: "delivered" }), {
      timeout: 30_000,
    });
    expect(calls.filter(({ headers }) => headers.get("webhook-id") === `msg_${id}_1`)).toHaveLength(1);
  });

  it("becomes a job of the event-agent, through its signed hook", async () => {
    const job = { task: "reply", input: { message: "The batch has ended." }, metadata: { mine: 1 } };
    const { bench, id } = await ended({ agent_job: JSON.stringify(job) });
    const requests: Request[] = [];
    const agent = {
      fetch: async (address: string, init: RequestInit) => {
        requests.push(new Request(address, init));
        return Response.json({ id: "job_1", status: "queued" }, { status: 202 });
      },
    };
    // The part of a Fetcher that is used.
    const withAgent = { ...env, EVENT_AGENT: agent as never, EVENT_AGENT_HOOK_SECRET: AGENT_SECRET };
    await notify(withAgent, settings, id);
    await notify(withAgent, settings, id);
    expect(requests).toHaveLength(1);
    const [request] = requests;
    const body = (await request?.text()) ?? "";
    expect(request?.url).toMatch(/\/v1\/hooks\/async-pipeline$/);
    expect(await verifyWebhook(AGENT_SECRET, request?.headers ?? new Headers(), body, Date.now())).toBe(`msg_${id}_1`);
    expect(JSON.parse(body)).toMatchObject({
      type: "batch.done",
      data: { task: "reply", input: job.input, metadata: { mine: 1, batch: id, done: 2, dead: 0 } },
    });
    expect(await bench.batchNow(id)).toMatchObject({ job_state: "delivered", job_id: "job_1" });
  });

  it.each([
    ["there is no event-agent", undefined],
    ["it does not take the job", () => Response.json({ code: "invalid_request" }, { status: 400 })],
  ])("is given up when %s", async (_, answer) => {
    const { bench, id } = await ended({ agent_job: "{}" });
    const agent = answer && {
      EVENT_AGENT: { fetch: async () => answer() } as never,
      EVENT_AGENT_HOOK_SECRET: AGENT_SECRET,
    };
    expect(await notify({ ...env, ...agent }, settings, id)).toBeNull();
    expect(await bench.batchNow(id)).toMatchObject({ job_state: "gave_up", job_attempts: 1, job_id: null });
  });
});

describe("the cron", () => {
  it("removes an expired batch with its items, steps and objects, and no other", async () => {
    const { bench, id } = await ended({});
    const other = await bench.batch(texts(1, "kept"));
    await env.FILES.put(`uploads/${bench.tenant}/${id}`, "source");
    await env.FILES.put(`results/${id}/0-1.json`, "{}");
    vi.setSystemTime(Date.now() + 86_400_000 + 60_000);
    await scheduled(env);
    expect(await new BatchStore(env.DB).find(id)).toBeNull();
    expect(await bench.items(id)).toEqual([]);
    for (const prefix of [`uploads/${bench.tenant}/${id}`, `parts/${id}/`, `results/${id}/`]) {
      expect((await env.FILES.list({ prefix })).objects).toEqual([]);
    }
    expect(await bench.items(other)).toHaveLength(1);
  });

  it("removes a deleted batch", async () => {
    const { bench, id } = await ended({});
    expect(await new BatchStore(env.DB).hide(bench.tenant, id, Date.now())).toBe(true);
    expect(await new BatchStore(env.DB).get(bench.tenant, id)).toBeNull();
    await consumeChore(env, settings, { body: { kind: "remove", batchId: id }, attempts: 1 }, 5);
    expect(await new BatchStore(env.DB).find(id)).toBeNull();
    expect((await env.FILES.list({ prefix: `parts/${id}/` })).objects).toEqual([]);
  });

  it("begins a load again that shows no progress, and ends an upload that never became whole", async () => {
    const bench = new Workbench();
    const source = { kind: "json", key: `uploads/${bench.tenant}/stalled`, url: null, bytes: 1, sha256: "" };
    const more = { created_at: Date.now() - 7_200_000, source: JSON.stringify(source) };
    const create = (id: string, status: "loading" | "receiving") =>
      new BatchStore(env.DB).create({
        id: `${id}-${bench.tenant}`,
        tenant: bench.tenant,
        pipeline: "classify-and-tag",
        options: "{}",
        status,
        idempotency_key: null,
        request_hash: "",
        webhook_url: null,
        agent_job: null,
        retention_ms: 86_400_000,
        ...more,
      });
    await create("stalled", "loading");
    await create("abandoned", "receiving");
    const items = JSON.stringify({ items: texts(3, "stalled") });
    await env.FILES.put(source.key, items, { customMetadata: { format: "json" } });
    await scheduled(env);
    await vi.waitFor(
      async () => expect(await bench.batchNow(`stalled-${bench.tenant}`)).toMatchObject({ status: "done", done: 3 }),
      { timeout: 30_000, interval: 50 },
    );
    expect(await bench.batchNow(`abandoned-${bench.tenant}`)).toMatchObject({
      status: "failed",
      error_code: "upload_interrupted",
    });
  });

  it("wakes the feeder of a tenant whose poke was lost", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(3, "poke was lost"));
    await scheduled(env);
    await vi.waitFor(async () => expect(await bench.counts(id)).toMatchObject({ done: 3 }), {
      timeout: 30_000,
      interval: 50,
    });
  });
});
