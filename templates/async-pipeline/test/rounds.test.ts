import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { queue } from "../src/queue.ts";
import { migrate } from "./http-harness.ts";
import { texts, Workbench } from "./workbench.ts";

beforeAll(migrate);

describe("cancelling", () => {
  it("stops what has not begun, and keeps what has", async () => {
    const bench = new Workbench();
    bench.concurrency = 2;
    const id = await bench.batch(texts(50, "cancelled in the middle"));
    await bench.feed();
    const cancelled = await bench.cancel(id);
    expect(cancelled).toMatchObject({ status: "running", cancelled_at: bench.now, cancelled: 30, released: 20 });
    expect(await bench.cancel(id)).toBeNull();
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.batchNow(id)).toMatchObject({ status: "cancelled", done: 20, cancelled: 30 });
    await bench.feed();
    expect(bench.queue).toEqual([]);
  });

  it("also ends what would have been asked again", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "A [[skip]] straggler." }, { text: "Not a straggler." }]);
    await bench.feed();
    await bench.cancel(id);
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.batchNow(id)).toMatchObject({ status: "cancelled", done: 1, cancelled: 1 });
  });

  it("also ends what a crash gives back", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(3, "lost and cancelled"));
    await bench.feed();
    await bench.cancel(id);
    bench.now += 61_000;
    await bench.feed();
    expect(await bench.batchNow(id)).toMatchObject({ status: "cancelled", cancelled: 3 });
  });
});

describe("a redrive", () => {
  it("sends dead items round again, and the batch ends again", async () => {
    const bench = new Workbench();
    const items = [{ text: "Dead: [[always-bad]]." }, { text: "Also dead: [[always-bad]]." }, { text: "Alive." }];
    const id = await bench.batch(items, { webhook_url: "https://shop.example/hook" });
    await bench.run(3_600_000);
    const first = await bench.batchNow(id);
    expect(first).toMatchObject({ status: "done", dead: 2, run: 1, webhook_state: "pending" });
    expect(bench.ended).toEqual([id]);

    expect(await bench.redrive(id, { positions: [1, 2] })).toBe(1);
    expect(await bench.batchNow(id)).toMatchObject({
      status: "running",
      dead: 1,
      waiting: 1,
      run: 2,
      webhook_state: null,
    });
    // What was answered before is not asked again as the same call: the cache would only repeat it.
    const { answers } = await bench.item(id, 1);
    expect(answers).toBeGreaterThan(0);
    await bench.run(3_600_000);
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", dead: 2, run: 2, webhook_state: "pending" });
    expect((await bench.item(id, 1)).answers).toBe(2 * answers);
    expect(bench.ended).toEqual([id, id]);
    expect(await bench.redrive(id, { reason: "no_such_reason" })).toBe(0);
    expect(await bench.redrive(id, { reason: "invalid_answer" })).toBe(2);
  });
});

describe("the dead letters of the items", () => {
  it("that nobody worked on go out again", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(2, "never delivered"));
    await bench.feed();
    await bury(bench.queue.splice(0));
    expect(await bench.counts(id)).toMatchObject({ waiting: 2 });
    bench.now = Date.now() + 31_000;
    await bench.run();
    expect(await bench.counts(id)).toMatchObject({ done: 2 });
  });

  it("that crashed their consumer at every delivery are dead, with reason and step", async () => {
    const bench = new Workbench();
    const id = await bench.batch([{ text: "Crashes." }], { pipeline: "summarise-documents" });
    await bench.feed();
    for (let delivery = 0; delivery < 6; delivery++) {
      await bench.deliver(bench.queue, { readPayloads: () => Promise.reject(new Error("out of memory")) });
    }
    await bury(bench.queue);
    expect(await bench.item(id, 0)).toMatchObject({ status: "dead", reason: "consumer_crashed" });
    expect(await bench.batchNow(id)).toMatchObject({ status: "done", dead: 1 });
    await bury(bench.queue);
    expect(await bench.counts(id)).toMatchObject({ total: 1, dead: 1 });
  });

  it("whose items have ended change nothing", async () => {
    const bench = new Workbench();
    const id = await bench.batch(texts(2, "long done"));
    await bench.feed();
    await bench.deliver(bench.queue);
    const before = await bench.batchNow(id);
    await bury(bench.queue);
    expect(await bench.batchNow(id)).toEqual(before);
  });
});

/** Delivers messages to the consumer of the dead-letter queue, as the platform does. */
async function bury(messages: readonly object[]): Promise<void> {
  const batch = createMessageBatch(
    "async-pipeline-items-dead",
    messages.map((body, index) => ({ id: `dead-${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  await queue(batch, env);
  const result = await getQueueResult(batch, createExecutionContext());
  expect(result.outcome).toBe("ok");
  expect(result.ackAll).toBe(true);
}
