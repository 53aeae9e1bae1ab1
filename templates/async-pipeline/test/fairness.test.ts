import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { migrate } from "./http-harness.ts";
import { texts, Workbench } from "./workbench.ts";

beforeAll(migrate);

describe("the feeder", () => {
  it("lets ten items of one tenant through at once, whatever another has in front of them", async () => {
    const many = new Workbench();
    const few = new Workbench();
    const large = await many.batch(texts(10_000, "many"));
    await many.feed();
    await many.feed();
    const small = await few.batch(texts(10, "few"), { pipeline: "summarise-documents" });
    await few.feed();
    // The many have their limit in the queue and no more: 50 questions of ten items.
    expect(many.queue).toHaveLength(50);
    expect(await many.counts(large)).toMatchObject({ released: 500, waiting: 9_500 });
    expect(await few.counts(small)).toMatchObject({ released: 10, waiting: 0 });
    expect(few.queue).toHaveLength(10);
  });

  it("fills up as messages end, never above the limit", async () => {
    const bench = new Workbench();
    bench.concurrency = 4;
    const id = await bench.batch(texts(100, "limited"));
    const released: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await bench.feed();
      released.push((await bench.counts(id)).released);
      await bench.deliver(bench.queue.splice(0, 2));
    }
    expect(Math.max(...released)).toBe(40);
    expect(Math.min(...released)).toBe(40);
    await bench.deliver(bench.queue.splice(0));
    await bench.run();
    expect(await bench.counts(id)).toMatchObject({ done: 100 });
  });

  it("takes turns between the batches of a tenant", async () => {
    const bench = new Workbench();
    bench.concurrency = 4;
    const large = await bench.batch(texts(400, "large"));
    await bench.feed();
    const small = await bench.batch(texts(20, "small"));
    for (let turn = 0; turn < 3; turn++) {
      await bench.deliver(bench.queue.splice(0));
      bench.now += 1;
      await bench.feed();
    }
    await bench.deliver(bench.queue.splice(0));
    expect(await bench.counts(small)).toMatchObject({ done: 20 });
    expect((await bench.counts(large)).waiting).toBeGreaterThan(200);
  });

  it("says when it has to look again: at once while there is room for more, else when the first lease ends, or never", async () => {
    const bench = new Workbench();
    bench.concurrency = 200;
    expect(await bench.feed()).toBeNull();
    await bench.batch(texts(150, "wide"), { pipeline: "summarise-documents" });
    expect(await bench.feed()).toBe(bench.now);
    expect(bench.queue).toHaveLength(100);
    expect(await bench.feed()).toBe(bench.now + 60_000);
    expect(bench.queue).toHaveLength(150);
  });

  it("does not let batches whose items are not due yet stand in front of others", async () => {
    const bench = new Workbench();
    for (let n = 0; n < 25; n++) await bench.batch(texts(1, `later ${n}`));
    await env.DB.prepare("UPDATE items SET due_at = ?2 WHERE tenant = ?1")
      .bind(bench.tenant, bench.now + 9_000)
      .run();
    const id = await bench.batch(texts(1, "now"));
    await bench.feed();
    expect(bench.queue.map(({ batchId }) => batchId)).toEqual([id]);
    expect(await bench.feed()).toBe(bench.now + 9_000);
  });
});
