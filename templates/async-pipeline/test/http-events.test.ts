import { beforeAll, describe, expect, it } from "vitest";
import type { Batch, BatchRecord } from "../src/domain/batch.ts";
import { api, migrate, moveItems, problem, type Seed, seedBatch } from "./http-harness.ts";

beforeAll(migrate);

const done: Seed = { status: "done", result: 1 };
const waiting: Seed = { status: "waiting" };

function watch(batch: Pick<BatchRecord, "id">, seen?: number | string): Promise<Response> {
  const headers = seen === undefined ? {} : { "last-event-id": String(seen) };
  return api("GET", `/v1/batches/${batch.id}/events`, { headers });
}

describe("a batch's events", () => {
  it("tell the batch as it is, follow its changes and end with it", async () => {
    const batch = await seedBatch("default", [waiting, waiting]);
    const response = await watch(batch);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = [];
    for await (const event of eventsOf(response)) {
      events.push(event);
      if (events.length === 1) await moveItems(batch.id, [done]);
      if (events.length === 2) await moveItems(batch.id, [done, { status: "dead", reason: "timeout" }]);
    }
    expect(events.map(({ data }) => [data.status, data.counts.done, data.counts.dead])).toEqual([
      ["running", 0, 0],
      ["running", 1, 0],
      ["done", 1, 1],
    ]);
    expect(events.map(({ id, data }) => id === data.version)).toEqual([true, true, true]);
    expect(events[0]?.data.id).toBe(batch.id);
  });

  it("resume after the last one seen: nothing is told twice", async () => {
    const batch = await seedBatch("default", [waiting]);
    const reading = watch(batch, batch.version).then(eventsOf);
    await moveItems(batch.id, [done]);
    const events = [];
    for await (const event of await reading) events.push(event);
    expect(events.map(({ data }) => data.status)).toEqual(["done"]);
  });

  it("tell the end to those who missed it, and 204 to those who did not", async () => {
    const batch = await seedBatch("default", [done]);
    const { value: event } = await eventsOf(await watch(batch, 1)).next();
    expect(event?.data.status).toBe("done");
    expect((await watch(batch, event?.id)).status).toBe(204);
  });

  it("end when the batch is removed", async () => {
    const batch = await seedBatch("default", [waiting]);
    const events = eventsOf(await watch(batch));
    expect((await events.next()).done).toBe(false);
    await api("POST", `/v1/batches/${batch.id}/cancel`);
    await api("DELETE", `/v1/batches/${batch.id}`);
    expect((await watch(batch)).status).toBe(404);
    // The end itself may have been seen before the removal.
    for await (const event of events) expect(event.data.status).toBe("cancelled");
  });

  it("open nothing for a HEAD", async () => {
    const batch = await seedBatch("default", [waiting]);
    const response = await api("HEAD", `/v1/batches/${batch.id}/events`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(await response.text()).toBe("");
  });

  it.each(["-1", "x", "1.5"])("are refused with Last-Event-ID %s", async (seen) => {
    const batch = await seedBatch("default", [done]);
    expect(await problem(await watch(batch, seen))).toMatchObject({ status: 400, code: "invalid_event_id" });
  });
});

async function* eventsOf(response: Response): AsyncGenerator<{ id: number; data: Batch }> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const found = /^id: (\d+)\nevent: batch\ndata: (.+)$/.exec(block);
      if (found) yield { id: Number(found[1]), data: JSON.parse(found[2] ?? "") as Batch };
    }
  }
}
