import { env } from "cloudflare:workers";
import { d1Ledger } from "@tenner/worker-kit/ledger";
import { Settings } from "@tenner/worker-kit/settings";
import { beforeAll, describe, expect, it } from "vitest";
import { MOST_SETBACKS } from "../src/domain/settle-outcome.ts";
import { migrate } from "./http-harness.ts";
import { modelCalls, models, texts, Workbench } from "./workbench.ts";

beforeAll(migrate);

const HOUR = 3_600_000;

describe("items that share a question", () => {
  it("are asked alone when the answer left them out or does not fit, while the others are stored", async () => {
    const bench = new Workbench();
    const id = await bench.batch([
      { text: "Stragglers, well." },
      { text: "Stragglers [[skip]] one." },
      { text: "Stragglers [[bad]] one." },
      { text: "Stragglers, too." },
    ]);
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    expect((await bench.items(id)).map(({ status }) => status)).toEqual(["done", "waiting", "waiting", "done"]);
    expect(await bench.item(id, 1)).toMatchObject({ reason: "invalid_answer", grouping: "alone", attempts: 1 });
    await bench.feed();
    expect(bench.queue.map(({ positions }) => positions)).toEqual([[1], [2]]);
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.counts(id)).toMatchObject({ done: 4, dead: 0 });
    expect(await modelCalls("Stragglers")).toBe(3);
    const batch = await bench.batchNow(id);
    expect(batch).toMatchObject({ calls: 3, calls_saved: 1, cost_nano: (await bench.ledger()).spent });
    expect(batch.tokens_saved).toBeGreaterThan(50);
    expect(batch.saved_nano).toBeGreaterThan(0);
  });

  it("are all asked alone when the answer is no JSON at all", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "Nonsense, well." }, { text: "Nonsense [[garbage]]." }]);
    await bench.run(HOUR);
    expect(await bench.item(id, 0)).toMatchObject({ status: "done" });
    expect(await bench.item(id, 1)).toMatchObject({ status: "dead", reason: "invalid_answer", step: "classify" });
  });

  it("that never get a valid answer are dead after their attempts, the rest unharmed", async () => {
    const bench = new Workbench();
    const id = await bench.batch([...texts(5, "fine beside poison"), { text: "Poison [[always-bad]]." }]);
    await bench.run(HOUR);
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 5, dead: 1 });
    expect(await bench.item(id, 5)).toMatchObject({
      reason: "invalid_answer",
      step: "classify",
      attempts: Settings.parse(env.SETTINGS).limits.maxAttempts,
      message: expect.stringContaining("/label"),
    });
    // The group's question, then five alone, each with its repair: never one from the cache.
    expect(await modelCalls("Poison")).toBe(1 + 2 * 4);
  });
});

describe("an item", () => {
  it("that can never pass is dead at once, with reason and step", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "<p> </p>" }, { text: "A document." }], { pipeline: "summarise-documents" });
    await bench.run();
    expect(await bench.item(id, 0)).toMatchObject({
      status: "dead",
      reason: "bad_input",
      step: "extract",
      message: "the document holds no text",
    });
    expect(await bench.item(id, 1)).toMatchObject({ status: "done" });
  });

  it("that a model refuses is dead at once while the model answers others", async () => {
    const bench = new Workbench();
    const documents = [{ text: "A good one." }, { text: "A [[refuse]] one." }];
    const id = await bench.batch(documents, { pipeline: "summarise-documents" });
    bench.concurrency = 1;
    await bench.run();
    expect(await bench.item(id, 1)).toMatchObject({ status: "dead", reason: "model_refused", step: "summarise" });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 1, dead: 1 });
  });

  it("that a model refuses among those that share its call is dead alone", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "fine 1" }, { text: "A [[refuse]] one." }, { text: "fine 2" }]);
    await bench.run(60_000);
    expect(await bench.item(id, 1)).toMatchObject({ status: "dead", reason: "model_refused", step: "classify" });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 2, dead: 1 });
  });

  it("that breaks the call it shares is dead alone", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "fine 3" }, { text: "This one will [[fail]]." }, { text: "fine 4" }]);
    await bench.run(HOUR);
    expect(await bench.item(id, 1)).toMatchObject({ status: "dead", reason: "model_unavailable", step: "classify" });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 2, dead: 1 });
  });

  it("that a model refuses out of the blue is dead once the model is seen to answer", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "Alone and [[refuse]]d." }], { pipeline: "summarise-documents" });
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.item(id, 0)).toMatchObject({ status: "waiting", attempts: 0 });
    bench.now += 1;
    await bench.run();
    expect(await bench.item(id, 0)).toMatchObject({ status: "dead", reason: "model_refused" });
  });

  it("whose call fails while others are answered is dead after a number of setbacks", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "This one will [[fail]]." }], { pipeline: "summarise-documents" });
    await bench.run(HOUR);
    expect(await bench.item(id, 0)).toMatchObject({
      status: "dead",
      reason: "model_unavailable",
      setbacks: MOST_SETBACKS,
      attempts: 0,
    });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done" });
  });

  it("whose call takes too long is asked again as the same call", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "Slow, [[hang-once]]." }], { pipeline: "summarise-documents" });
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.item(id, 0)).toMatchObject({ status: "waiting", attempts: 0, reason: expect.any(String) });
    await bench.run(HOUR);
    expect(await bench.item(id, 0)).toMatchObject({ status: "done", attempts: 0 });
  });
});

describe("when the budget is exhausted", () => {
  it("items are parked, the batch says why and until when, and it goes on when there is some again", async () => {
    const bench = new Workbench();
    const ledger = d1Ledger({
      database: env.LEDGER,
      budget: Settings.parse(env.SETTINGS).budget,
      now: () => Date.now(),
    });
    const callId = `all-${bench.tenant}`;
    for (let worstCase = 10_000_000_000; ; worstCase -= 1_000_000) {
      const others = { callId, worstCase, template: "other", tenant: "others", expiresInMs: HOUR };
      if ((await ledger.reserve(others)).kind === "reserved") break;
    }
    // Spent, not only held: it does not come back by itself.
    const settlement = { model: "m", inputTokens: 0, outputTokens: 0, cached: false };
    const held = await env.LEDGER.prepare("SELECT worst_case FROM calls WHERE call_id = ?1")
      .bind(callId)
      .first<{ worst_case: number }>();
    await ledger.settle(callId, { cost: held?.worst_case ?? 0, ...settlement });

    const id = await bench.batch(texts(20, "unaffordable"));
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    const parked = await bench.batchNow(id);
    expect(parked).toMatchObject({ status: "waiting", wait_reason: "budget_exhausted", waiting: 20 });
    expect(parked.wait_message).toMatch(/budget of \$10 leaves no room .* until 20\d\d-/);
    expect(parked.wait_until).toBe(bench.now + HOUR);
    for (const item of await bench.items(id)) expect(item).toMatchObject({ attempts: 0, setbacks: 0, claims: 0 });
    expect(await bench.feed()).toBe(parked.wait_until);
    expect(bench.queue).toEqual([]);

    // It looks again, in vain, and waits on.
    bench.now += HOUR;
    await bench.feed();
    expect(await bench.batchNow(id)).toMatchObject({ status: "running" });
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.batchNow(id)).toMatchObject({ status: "waiting", wait_until: bench.now + HOUR });
    expect(await modelCalls("unaffordable")).toBe(0);

    await env.LEDGER.prepare("UPDATE sums SET spent = 0").run();
    await bench.run(2 * HOUR);
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 20, wait_reason: null, calls: 2 });
    expect((await bench.items(id)).every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("of the gateway, it is the same", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "No [[budget]] here." }]);
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.batchNow(id)).toMatchObject({ status: "waiting", wait_reason: "budget_exhausted" });
    expect(await bench.item(id, 0)).toMatchObject({ status: "waiting", attempts: 0, reason: "budget_exhausted" });
  });
});

describe("when the models are down", () => {
  it("items are parked after a few failures, it is probed with growing pauses, and goes on when they are back", async () => {
    const bench = new Workbench();
    const documents = Array.from({ length: 12 }, (_, i) => ({ text: `Outage ${i}.` }));
    const id = await bench.batch(documents, { pipeline: "summarise-documents" });
    await models(bench.tenant, "down");
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    const parked = await bench.batchNow(id);
    expect(parked).toMatchObject({ status: "waiting", wait_reason: "model_unavailable", waiting: 12 });
    expect(parked.wait_until).toBe(bench.now + 5_000);

    const pauses: number[] = [];
    for (let look = 0; look < 8; look++) {
      const until = (await bench.batchNow(id)).wait_until ?? 0;
      pauses.push(until - bench.now);
      bench.now = until;
      expect(await bench.feed()).toBeGreaterThan(bench.now);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1_000));
    expect(bench.queue).toEqual([]);
    for (const item of await bench.items(id)) expect(item).toMatchObject({ attempts: 0, setbacks: 0 });

    await models(bench.tenant, "up");
    await bench.run(HOUR);
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", done: 12, wait_reason: null });
    for (const item of await bench.items(id)) expect(item).toMatchObject({ attempts: 0, setbacks: 0 });
  });

  it("a batch that is loaded meanwhile waits with the others", async () => {
    const bench = new Workbench();
    await bench.batch([{ text: "We are [[busy]]." }]);
    await bench.feed();
    await bench.deliver(bench.queue.splice(0));
    const late = await bench.batch(texts(2, "comes late"));
    expect(await bench.batchNow(late)).toMatchObject({ status: "waiting", wait_reason: "rate_limited" });
  });
});
