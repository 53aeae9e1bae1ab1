import { env } from "cloudflare:workers";
import { signWebhook, verifyWebhook } from "@tenner/worker-kit/webhooks";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Job } from "../src/domain/job.ts";
import { routes } from "../src/routes.ts";
import {
  api,
  eventually,
  getJob,
  migrate,
  moveClock,
  problem,
  runAlarm,
  submit,
  summarizing,
  until,
} from "./harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a hook", () => {
  const form = { type: "form.submitted", data: { name: "Ada", message: "Do you ship to Malta?", page: "/contact" } };

  it("becomes a job of its source", async () => {
    const job = await (await send("form", form)).json<Job>();
    expect(job).toMatchObject({ task: "reply", source: "form", metadata: { event: "form.submitted" } });
    await until(job.id, "done");
  });

  it("from a shop becomes a thank-you note", async () => {
    const response = await send("purchase", { data: { customer: "Ada", items: [{ name: "Kettle" }], total: 39.9 } });
    expect(await response.json()).toMatchObject({ task: "reply", source: "purchase" });
  });

  it("from any other system carries a whole job", async () => {
    const response = await send("crm", { type: "note", data: summarizing("x", { metadata: { id: 1 } }) });
    expect(await response.json()).toMatchObject({
      task: "summarize",
      source: "crm",
      metadata: { event: "note", id: 1 },
    });
  });

  it("gives the same job when it comes twice, even at once", async () => {
    const sent = await Promise.all(Array.from({ length: 6 }, () => send("form", form, { id: "msg_twice" })));
    const ids = await Promise.all(sent.map(async (response) => (await response.json<Job>()).id));
    expect(new Set(ids).size).toBe(1);
    expect(sent.filter((response) => response.headers.get("idempotent-replayed") === "true")).toHaveLength(5);
  });

  it("with the same id from another source is another event", async () => {
    const one = await (await send("form", form, { id: "msg_both" })).json<Job>();
    const two = await (await send("crm", { data: summarizing("x") }, { id: "msg_both" })).json<Job>();
    expect(one.id).not.toBe(two.id);
  });

  it.each<[string, Parameters<typeof send>[2], string]>([
    ["with another secret", { secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, "bad_signature"],
    ["with another body", { tamper: true }, "bad_signature"],
    ["six minutes old", { age: 360_000 }, "bad_timestamp"],
    ["six minutes early", { age: -360_000 }, "bad_timestamp"],
    ["without headers", { bare: true }, "missing_headers"],
  ])("is refused %s", async (_, options, code) => {
    expect(await problem(await send("form", form, options))).toMatchObject({ status: 401, code });
  });

  it("is refused with the paths of what does not fit", async () => {
    const bad = await problem(await send("form", { data: { message: "" } }));
    expect(bad).toMatchObject({ status: 400, paths: ["/data/message"] });
    const worse = await problem(await send("crm", { data: { task: "summarize", input: { text: "x", foo: 1 } } }));
    expect(worse).toMatchObject({ status: 400, paths: ["/data/input/foo"] });
  });

  it("says that it is our fault when the Worker has no usable secret", async () => {
    const signed = await signWebhook(env.WEBHOOK_SECRET, { id: "msg_none", at: Date.now(), body: "{}" });
    for (const WEBHOOK_SECRET of [undefined, "whsec_short"]) {
      const request = new Request("https://event-agent.test/v1/hooks/form", {
        method: "POST",
        headers: { ...signed, "content-type": "application/json" },
        body: "{}",
      });
      // What a deploy without the secret looks like.
      const bare = { ...env, WEBHOOK_SECRET } as Env;
      expect(await problem(await routes().fetch(request, bare))).toMatchObject({
        status: 503,
        code: "hooks_not_set_up",
      });
    }
  });

  it("does not fall for names that every object has", async () => {
    expect((await send("constructor", { data: summarizing("x") })).status).toBe(202);
    expect((await send("Form", form)).status).toBe(404);
  });
});

describe("a job's webhook", () => {
  const url = "https://shop.example/hooks";

  it("is signed, says how the job ended, and comes once", async () => {
    const calls = receiver(() => new Response(null, { status: 204 }));
    const job = await submit(summarizing("tell me", { webhook_url: url }));
    await webhook(job, { url, state: "delivered", attempts: 1 });
    expect(calls.of(job)).toHaveLength(1);
    const [call] = calls.of(job);
    expect(await verifyWebhook(env.WEBHOOK_SECRET, call?.headers ?? new Headers(), call?.body ?? "", Date.now())).toBe(
      `msg_${job.id}_1`,
    );
    expect(JSON.parse(call?.body ?? "")).toMatchObject({
      type: "job.done",
      data: { job: { id: job.id, status: "done" }, output: { summary: expect.stringMatching(/^Answer/) } },
    });
  });

  it("also tells of a cancelled job", async () => {
    const calls = receiver(() => new Response("ok"));
    const job = await submit(summarizing("x", { webhook_url: url, delay_seconds: 600 }));
    await api("DELETE", job.links.self);
    await webhook(job, { state: "delivered" });
    expect(JSON.parse(calls.of(job)[0]?.body ?? "")).toMatchObject({ type: "job.cancelled", data: { output: null } });
  });

  it("is tried for 24 hours with growing pauses and the same id, then given up", async () => {
    const started = Date.now();
    const calls = receiver(() => new Response("no", { status: 503 }));
    const job = await submit(summarizing("nobody listens", { webhook_url: url }));
    await webhook(job, { state: "pending", attempts: 1 });
    for (let step = 0; step < 200; step++) {
      const row = await env.DB.prepare("SELECT wake_at FROM jobs WHERE id = ?1")
        .bind(job.id)
        .first<{ wake_at: number | null }>();
      if (row?.wake_at == null) break;
      moveClock(row.wake_at - Date.now() - 1_000);
      await runAlarm(job.id); // One second too early: nothing is sent, the alarm is set again.
      moveClock(1_500);
      await runAlarm(job.id);
    }
    const times = calls.of(job).map((call) => call.at - started);
    const hours = (times.at(-1) ?? 0) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    expect(times.length).toBeGreaterThanOrEqual(11);
    expect(times.length).toBeLessThanOrEqual(14);
    expect(new Set(calls.of(job).map((call) => call.headers.get("webhook-id"))).size).toBe(1);
    expect(new Set(calls.of(job).map((call) => call.body)).size).toBe(1);
    expect(new Set(calls.of(job).map((call) => call.headers.get("webhook-timestamp"))).size).toBe(times.length);
    expect(await getJob(job.id)).toMatchObject({
      status: "done",
      webhook: { state: "gave_up", attempts: times.length },
    });
  });

  it("gets through when the receiver comes back", async () => {
    let up = false;
    receiver(() => new Response(null, { status: up ? 200 : 500 }));
    const job = await submit(summarizing("later", { webhook_url: url }));
    await webhook(job, { attempts: 1 });
    up = true;
    moveClock(10_000);
    await runAlarm(job.id);
    expect((await getJob(job.id)).webhook).toMatchObject({ state: "delivered", attempts: 2 });
  });

  it("that is slow does not put off a retry of its job", async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const calls = receiver(async () => {
      await answered;
      return new Response(null, { status: 500 });
    });
    const job = await submit(summarizing("[[refuse]] retry me", { webhook_url: url }));
    await eventually(async () => expect(calls.of(job)).toHaveLength(1));
    expect((await api("POST", job.links.retry)).status).toBe(202);
    answer();
    // Sooner than the webhook's next attempt, in five seconds, to which its alarm must not be moved.
    const second = async () => expect(await getJob(job.id)).toMatchObject({ status: "failed", run: 2 });
    await vi.waitFor(second, { timeout: 30_000, interval: 20 });
  });

  it.each<[string, () => Response]>([
    ["says 410 Gone", () => new Response(null, { status: 410 })],
    [
      "redirects into the network",
      () => new Response(null, { status: 307, headers: { location: "http://10.0.0.1/" } }),
    ],
  ])("is given up at once when the receiver %s", async (_, answer) => {
    const calls = receiver(answer);
    const job = await submit(summarizing("x", { webhook_url: url }));
    await webhook(job, { state: "gave_up", attempts: 1 });
    expect(calls.of(job)).toHaveLength(1);
  });
});

/** Waits until a job's webhook is in a state. */
function webhook(job: Job, expected: object): Promise<void> {
  return eventually(async () => expect((await getJob(job.id)).webhook).toMatchObject(expected));
}

interface Call {
  at: number;
  headers: Headers;
  body: string;
}

/** Receives what the Worker sends; the AI double is not reached by `fetch`. Jobs of other tests may send as well. */
function receiver(answer: () => Response | Promise<Response>): { of(job: Job): Call[] } {
  const calls: Call[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push({ at: Date.now(), headers: request.headers, body: await request.text() });
    return answer();
  });
  return { of: (job) => calls.filter((call) => call.headers.get("webhook-id") === `msg_${job.id}_1`) };
}

async function send(
  source: string,
  payload: unknown,
  options: { id?: string; secret?: string; tamper?: boolean; age?: number; bare?: boolean } = {},
): Promise<Response> {
  const body = JSON.stringify(payload);
  const signed = await signWebhook(options.secret ?? env.WEBHOOK_SECRET, {
    id: options.id ?? `msg_${crypto.randomUUID()}`,
    at: Date.now() - (options.age ?? 0),
    body,
  });
  return api("POST", `/v1/hooks/${source}`, {
    key: null,
    body: options.tamper ? body.replace("Malta", "Mars") : body,
    headers: options.bare ? {} : { ...signed },
  });
}
