import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { WorkStore } from "../src/adapters/work-store.ts";
import { CLAIM_MS } from "../src/claim-keeper.ts";
import { migrate } from "./http-harness.ts";
import { modelCalls, texts, Workbench } from "./workbench.ts";

beforeAll(migrate);

describe("a message", () => {
  it("that is delivered twice does nothing twice", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(10, "twice"));
    await bench.feed();
    const [message] = bench.queue;
    if (!message) throw new Error("nothing was sent");
    expect(await bench.deliver([message])).toEqual(["ack"]);
    const once = await bench.batchNow(id);
    expect(await bench.deliver([message, message])).toEqual(["ack", "ack"]);
    expect(await bench.batchNow(id)).toEqual(once);
    expect(once).toMatchObject({ status: "done", done: 10, calls: 1, calls_saved: 9 });
    expect(await modelCalls("twice")).toBe(1);
    expect(await bench.ledger()).toMatchObject({ calls: 1, reserved: 0, spent: once.cost_nano });
  });

  it("that is delivered again while it is worked on is left to the one who does", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(3, "at once"));
    await bench.feed();
    const { held, letGo } = holding(bench);
    const first = bench.deliver(bench.queue, held);
    await vi.waitFor(async () => expect(await bench.item(id, 0)).toMatchObject({ claims: 1 }), 30_000);
    expect(await bench.deliver(bench.queue)).toEqual(["ack"]);
    expect(await bench.counts(id)).toMatchObject({ released: 3 });
    expect(await modelCalls("at once")).toBe(0);
    letGo();
    expect(await first).toEqual(["ack"]);
    expect(await bench.counts(id)).toMatchObject({ done: 3 });
    expect(await modelCalls("at once")).toBe(1);
  });

  it("whose consumer was taken for dead writes nothing when it comes back", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(3, "back from the dead"));
    await bench.feed();
    const { held, letGo } = holding(bench);
    const dead = bench.deliver(bench.queue.splice(0), held);
    await vi.waitFor(async () => expect(await bench.item(id, 0)).toMatchObject({ claims: 1 }), 30_000);
    bench.now += CLAIM_MS + 1;
    await bench.feed();
    letGo();
    expect(await dead).toEqual(["ack"]);
    expect(await bench.counts(id)).toMatchObject({ released: 3 });
    expect(await bench.batchNow(id)).toMatchObject({ calls: 0, cost_nano: 0 });
    await bench.deliver(bench.queue);
    expect(await bench.batchNow(id)).toMatchObject({ done: 3, calls: 1, cost_nano: (await bench.ledger()).spent });
    expect(await modelCalls("back from the dead")).toBe(1);
  });

  it("that comes after its items were released again does nothing", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(3, "too late"));
    await bench.feed();
    const [late] = bench.queue.splice(0);
    bench.now += 61_000;
    await bench.feed();
    if (!late) throw new Error("nothing was sent");
    expect(await bench.deliver([late])).toEqual(["ack"]);
    expect(await modelCalls("too late")).toBe(0);
    expect(await bench.counts(id)).toMatchObject({ released: 3 });
    await bench.deliver(bench.queue);
    expect(await bench.counts(id)).toMatchObject({ done: 3 });
  });

  it("that nobody understands is acknowledged and does no harm", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(1, "beside nonsense"));
    await bench.feed();
    // What a foreign producer may send.
    const nonsense = { hello: "world" } as never;
    expect(await bench.deliver([nonsense, ...bench.queue])).toEqual(["ack", "ack"]);
    expect(await bench.counts(id)).toMatchObject({ done: 1 });
  });
});

describe("a crash", () => {
  it("between the answer and its writing: the repeat is a hit of the gateway's cache and is counted once", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(10, "unwritten"));
    await bench.feed();
    const dying = storeThat({ commit: () => Promise.reject(new Error("the process died")) });
    expect(await bench.deliver(bench.queue, { store: dying })).toEqual(["retry"]);
    expect(await bench.counts(id)).toMatchObject({ released: 10 });
    const spent = (await bench.ledger()).spent;
    expect(spent).toBeGreaterThan(0);

    expect(await bench.deliver(bench.queue)).toEqual(["ack"]);
    expect(await bench.counts(id)).toMatchObject({ done: 10 });
    expect(await modelCalls("unwritten")).toBe(1);
    expect(await bench.ledger()).toMatchObject({ spent, reserved: 0, cached: 1 });
    // The batch says what the ledger counts, though the repeat itself cost nothing.
    expect(await bench.batchNow(id)).toMatchObject({ cost_nano: spent, calls: 1 });
  });

  it("that leaves the claim behind: the items go out again together when it has run out, and ask the same", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(10, "left behind"));
    await bench.feed();
    const dying = storeThat({
      commit: () => Promise.reject(new Error("the process died")),
      drop: () => Promise.reject(new Error("it is dead")),
    });
    await bench.deliver(bench.queue, { store: dying });
    // The queue's own redelivery finds the claim alive and leaves it alone.
    expect(await bench.deliver(bench.queue.splice(0))).toEqual(["ack"]);
    expect(await bench.counts(id)).toMatchObject({ released: 10 });

    bench.now += CLAIM_MS + 1;
    await bench.feed();
    expect(bench.queue).toMatchObject([{ positions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], release: 2 }]);
    await bench.deliver(bench.queue);
    expect(await bench.counts(id)).toMatchObject({ done: 10 });
    expect(await modelCalls("left behind")).toBe(1);
    expect(await bench.batchNow(id)).toMatchObject({ cost_nano: (await bench.ledger()).spent });
  });

  it("between release and send: the items go out again after their lease", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(12, "unsent"));
    const dying = bench.feed({ send: () => Promise.reject(new Error("the process died")) });
    await expect(dying).rejects.toThrow("the process died");
    expect(await bench.counts(id)).toMatchObject({ released: 12 });
    await bench.feed();
    expect(bench.queue).toEqual([]);

    bench.now += 60_001;
    await bench.feed();
    expect(bench.queue.map(({ positions, release }) => [positions.length, release])).toEqual([
      [10, 2],
      [2, 2],
    ]);
    await bench.deliver(bench.queue);
    expect(await bench.counts(id)).toMatchObject({ done: 12 });
    expect((await bench.items(id)).every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("in the middle of a pipeline: finished questions are not asked again", async () => {
    const bench = new Workbench();
    const long = `${"A sentence about kept parts. ".repeat(600)}`;
    const id = await bench.batch([{ text: long }], { pipeline: "summarise-documents" });
    await bench.feed();
    const dying = storeThat({ commit: () => Promise.reject(new Error("the process died")) });
    await bench.deliver(bench.queue, { store: dying });
    const { results: kept } = await env.DB.prepare("SELECT step, part FROM steps WHERE batch_id = ?1").bind(id).all();
    expect(kept).toEqual([
      { step: "summarise", part: 0 },
      { step: "summarise", part: 1 },
    ]);
    const asked = (await bench.ledger()).calls;
    expect(await bench.item(id, 0)).toMatchObject({ status: "released", step: "summarise" });
    await bench.deliver(bench.queue);
    expect(await bench.item(id, 0)).toMatchObject({ status: "done" });
    expect(JSON.parse((await bench.item(id, 0)).result ?? "")).toMatchObject({ parts: 2, summary: expect.any(String) });
    // Only the last question was repeated, out of the cache.
    expect((await bench.ledger()).calls).toBe(asked + 1);
    expect(await modelCalls("about kept parts")).toBe(2);
    expect(await bench.batchNow(id)).toMatchObject({ calls: 3, cost_nano: (await bench.ledger()).spent });
  });

  it("that comes back every time ends the item as dead, with its step, and nobody else", async () => {
    const bench = new Workbench();
    const items = [{ text: "Killer of its consumer." }, { text: "Harmless." }];
    const id = await bench.batch(items, { pipeline: "summarise-documents" });
    const deadly = { readPayloads: async () => Promise.reject(new Error("out of memory")) };
    for (let delivery = 0; delivery < 8; delivery++) {
      await bench.feed();
      const messages = bench.queue.splice(0);
      await bench.deliver(messages.filter(({ positions }) => positions.includes(1)));
      await bench.deliver(
        messages.filter(({ positions }) => positions.includes(0)),
        deadly,
      );
      bench.now += 1_900_000;
    }
    expect(await bench.item(id, 0)).toMatchObject({ status: "dead", reason: "consumer_crashed", attempts: 0 });
    expect(await bench.item(id, 1)).toMatchObject({ status: "done" });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done" });
  });

  it("that comes back every time in a group parts the group, so that one dies alone", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(4, "[[killer]] or not"));
    const work = bench.work();
    const deadly = {
      readPayloads: (items: Parameters<typeof work.readPayloads>[0]) =>
        items.some(({ position }) => position === 2) ? Promise.reject(new Error("dead")) : work.readPayloads(items),
    };
    for (let delivery = 0; delivery < 14; delivery++) {
      await bench.feed();
      await bench.deliver(bench.queue.splice(0), deadly);
      bench.now += 1_900_000;
    }
    expect((await bench.items(id)).map(({ status }) => status)).toEqual(["done", "done", "dead", "done"]);
  });
});

/** A consumer that stops before it asks anything, until it is let go. */
function holding(bench: Workbench) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = bench.work();
  const readPayloads: typeof work.readPayloads = async (items) => {
    await promise;
    return work.readPayloads(items);
  };
  return { held: { readPayloads }, letGo: resolve };
}

/** The real store, but for some of its methods. */
function storeThat(different: Partial<Record<"commit" | "drop" | "keep", () => Promise<never>>>) {
  const real = new WorkStore(env.DB);
  return {
    claim: real.claim.bind(real),
    renew: real.renew.bind(real),
    drop: real.drop.bind(real),
    keep: real.keep.bind(real),
    commit: real.commit.bind(real),
    gate: real.gate.bind(real),
    ...different,
  };
}
