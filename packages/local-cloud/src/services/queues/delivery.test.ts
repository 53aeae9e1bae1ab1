import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type QueueFixture, startQueueCloud } from "./queue-fixture.ts";

let fixture: QueueFixture;
/** A moved clock reloads workerd, which takes its time on a busy machine. */
const eventually = <Result>(check: () => Result) => vi.waitFor(check, { timeout: 30_000 });
const consumerPath = async () => {
  const { result } = await fixture.api<{ consumer_id: string }[]>("GET", `/queues/${fixture.queueId}/consumers`);
  return `/queues/${fixture.queueId}/consumers/${String(result[0]?.consumer_id)}`;
};
/** Gives the consumer other settings for one test. */
async function configure(settings: Record<string, unknown>, deadLetterQueue: string | null = null) {
  const body = { type: "worker", script_name: "w", dead_letter_queue: deadLetterQueue };
  const all = { ...body, settings: { max_wait_time_ms: 0, ...settings } };
  const { status, errors } = await fixture.api("PUT", await consumerPath(), all);
  expect([status, errors]).toEqual([200, []]);
}
const depth = async (name: string) => {
  const account = fixture.accountId;
  const { queues } = await fixture.local<{ queues: { name: string; depth: number }[] }>(
    "GET",
    `/queues?account=${account}`,
  );
  return queues.find((queue) => queue.name === name)?.depth;
};
const seenBodies = () => fixture.seen().map(({ body }) => body);

beforeAll(async () => {
  fixture = await startQueueCloud({});
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await configure({});
  fixture.batches.length = 0;
  fixture.order(() => ({}));
});
afterEach(async () => {
  await fixture.local("PUT", "/faults", []);
  await fixture.api("POST", `/queues/${fixture.queueId}/purge`, { delete_messages_permanently: true });
});

it("carries each content type from the binding to the consumer", async () => {
  await fixture.send({ body: { one: 1 }, contentType: "json" });
  await fixture.send({ body: "two", contentType: "text" });
  await fixture.send({ made: "bytes", contentType: "bytes" });
  await fixture.send({ made: "v8", contentType: "v8" });
  await fixture.send({ body: { five: [5] } });
  await eventually(() => expect(fixture.seen()).toHaveLength(5));
  expect(new Set(fixture.seen().map(({ type, body }) => JSON.stringify([type, body])))).toEqual(
    new Set(
      [
        ["Object", { one: 1 }],
        ["String", "two"],
        ["ArrayBuffer", [0, 1, 254, 255]],
        [
          "Map",
          [
            ["date", "0"],
            ["big", "12"],
          ],
        ],
        ["Object", { five: [5] }],
      ].map((pair) => JSON.stringify(pair)),
    ),
  );
  expect(fixture.seen().every(({ id, attempts }) => /^[0-9a-f]{32}$/.test(id) && attempts === 1)).toBe(true);
});

it("fills a batch up to its size, and answers the producer what waits", async () => {
  await configure({ batch_size: 3, max_wait_time_ms: 60_000 });
  const sent = await fixture.send({ body: 1 }, { body: 2 });
  expect(JSON.parse(sent.text)).toMatchObject({ backlogCount: 2 });
  expect(fixture.batches).toEqual([]);
  await fixture.send({ body: 3 });
  await eventually(() => expect(fixture.batches.map(({ messages }) => messages.length)).toEqual([3]));
});

it("delivers a batch that is not full when it has waited", async () => {
  await configure({ batch_size: 100, max_wait_time_ms: 30_000 });
  await fixture.send({ body: 1 }, { body: 2 });
  fixture.cloud.clock.advance(30_000);
  await eventually(() => expect(seenBodies()).toEqual([1, 2]));
});

it("keeps a delay by the cloud's clock, of a message, a batch and the queue", async () => {
  await fixture.send({ body: "hour", delaySeconds: 3600 }, { body: "now", delaySeconds: 0 });
  await eventually(() => expect(seenBodies()).toEqual(["now"]));
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, { settings: { delivery_delay: 60 } });
  await fixture.send({ body: "minute" });
  fixture.cloud.clock.advance(61_000);
  await eventually(() => expect(seenBodies()).toEqual(["now", "minute"]));
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, { settings: { delivery_delay: 0 } });
  fixture.cloud.clock.advance(3_600_000);
  await eventually(() => expect(seenBodies()).toEqual(["now", "minute", "hour"]));
});

it("retries what asks for it, counts attempts and keeps to the delays", async () => {
  await configure({ retry_delay: 3600 });
  fixture.order(({ messages }) => ({
    retry: messages.flatMap(({ id, body, attempts }) =>
      attempts > 1 ? [] : body === "soon" ? [{ id, delaySeconds: 0 }] : body === "later" ? [{ id }] : [],
    ),
  }));
  await fixture.send({ body: "soon" }, { body: "later" }, { body: "done" });
  await eventually(() => expect(fixture.seen()).toHaveLength(4));
  expect(fixture.seen().at(-1)).toMatchObject({ body: "soon", attempts: 2 });
  fixture.cloud.clock.advance(3_600_000);
  await eventually(() => expect(fixture.seen().at(-1)).toMatchObject({ body: "later", attempts: 2 }));
  await eventually(async () => expect(await depth("jobs")).toBe(0));
});

it("keeps an acknowledgement when the consumer throws, and brings the rest again", async () => {
  fixture.order(({ messages }) => {
    const first = messages.some(({ attempts }) => attempts === 1);
    return first ? { throws: true, ack: messages.filter(({ body }) => body === "kept").map(({ id }) => id) } : {};
  });
  await fixture.send({ body: "kept" }, { body: "again" });
  await eventually(() => expect(seenBodies()).toEqual(["kept", "again", "again"]));
});

it.each([
  ["retryAll brings all again", { retryAll: {} }, 2],
  ["ackAll keeps even when the consumer throws", { ackAll: true, throws: true }, 1],
])("%s", async (_, orders, times) => {
  fixture.order(({ messages }) => (messages[0]?.attempts === 1 ? orders : {}));
  await fixture.send({ body: "one" });
  await eventually(async () => {
    expect(await depth("jobs")).toBe(0);
    expect(seenBodies()).toHaveLength(times);
  });
});

it("moves what is out of retries to a dead-letter queue that it makes, with its id and reason", async () => {
  await configure({ max_retries: 1 }, "jobs-dead");
  fixture.order(() => ({ throws: true }));
  await fixture.send({ body: { poison: true }, contentType: "json" });
  await eventually(async () => expect(await depth("jobs-dead")).toBe(1));
  expect(fixture.seen().map(({ attempts }) => attempts)).toEqual([1, 2]);
  const account = fixture.accountId;
  const { messages } = await fixture.local<{ messages: Record<string, unknown>[] }>(
    "GET",
    `/queues/messages?account=${account}&queue=jobs-dead`,
  );
  expect(messages).toMatchObject([
    {
      id: fixture.seen()[0]?.id,
      sentAt: fixture.seen()[0]?.timestamp,
      reason: "Error: the consumer failed",
      origin: { name: "jobs" },
      body: { text: '{"poison":true}', form: "json" },
    },
  ]);
  fixture.order(() => ({}));
  const redriven = await fixture.local("POST", `/queues/redrive?account=${account}&queue=jobs-dead`, {});
  expect(redriven).toEqual({ moved: { jobs: 1 }, stayed: 0 });
  await eventually(async () => expect([await depth("jobs"), await depth("jobs-dead")]).toEqual([0, 0]));
  expect(fixture.seen().at(-1)).toMatchObject({ body: { poison: true }, attempts: 1 });
});

it("gives up what is out of retries when there is no dead-letter queue", async () => {
  await configure({ max_retries: 0 });
  fixture.order(() => ({ throws: true }));
  await fixture.send({ body: "gone" });
  await eventually(async () => expect([seenBodies(), await depth("jobs")]).toEqual([["gone"], 0]));
});

it("calls the consumer several times at once, but not more often than max_concurrency", async () => {
  await configure({ batch_size: 1, max_concurrency: 3 });
  let now = 0;
  let most = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  fixture.order(async ({ messages }) => {
    now += 1;
    most = Math.max(most, now);
    // The first ones end at once, so that the broker may call more often.
    if (Number(messages[0]?.body) >= 5) await promise;
    now -= 1;
    return {};
  });
  await fixture.send(...Array.from({ length: 20 }, (_, body) => ({ body })));
  await eventually(() => expect(now).toBe(3));
  resolve();
  await eventually(() => expect(fixture.seen()).toHaveLength(20));
  expect(most).toBe(3);
});

it("keeps messages while delivery is paused", async () => {
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, { settings: { delivery_paused: true } });
  await fixture.send({ body: "waits" });
  expect(await depth("jobs")).toBe(1);
  expect(fixture.batches).toEqual([]);
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, { settings: { delivery_paused: false } });
  await eventually(() => expect(seenBodies()).toEqual(["waits"]));
});

it("deletes what is older than its retention", async () => {
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, {
    settings: { delivery_paused: true, message_retention_period: 60 },
  });
  await fixture.send({ body: "old" });
  fixture.cloud.clock.advance(61_000);
  await eventually(async () => expect(await depth("jobs")).toBe(0));
  await fixture.api("PATCH", `/queues/${fixture.queueId}`, {
    settings: { delivery_paused: false, message_retention_period: 345_600 },
  });
  await fixture.send({ body: "new" });
  await eventually(() => expect(seenBodies()).toEqual(["new"]));
});

it("says in the log what a batch came to", async () => {
  fixture.order(() => ({ retryAll: { delaySeconds: 60 } }));
  await fixture.send({ body: "x" });
  await eventually(() =>
    expect(fixture.cloud.activity.recent().map((one) => (one.type === "log" ? one.message : ""))).toContain(
      'queue "jobs": batch of 1, outcome ok, 1 to retry',
    ),
  );
});

describe("faults", () => {
  it("delivers a part of the messages twice, and once more only", async () => {
    await fixture.local("PUT", "/faults", [{ service: "queues", kind: "redeliver", target: "jobs", count: 2 }]);
    await fixture.send({ body: 1 }, { body: 2 }, { body: 3 });
    await eventually(() => expect(fixture.seen()).toHaveLength(5));
    expect(fixture.seen().every(({ attempts }) => attempts === 1)).toBe(true);
    await eventually(async () => expect(await depth("jobs")).toBe(0));
    expect((await fixture.local<{ faults: unknown[] }>("GET", "/faults")).faults).toEqual([]);
  });

  it("draws a batch from what waits", async () => {
    await fixture.local("PUT", "/faults", [{ service: "queues", kind: "reorder" }]);
    await configure({ batch_size: 50, max_wait_time_ms: 60_000 });
    const numbers = Array.from({ length: 50 }, (_, body) => body);
    await fixture.send(...numbers.map((body) => ({ body })));
    await eventually(() => expect(fixture.seen()).toHaveLength(50));
    expect(seenBodies()).not.toEqual(numbers);
    expect(seenBodies().toSorted((left, right) => Number(left) - Number(right))).toEqual(numbers);
  });
});

it("ends a consumer that takes too long, and brings its messages again", async () => {
  const slow = await startQueueCloud({ max_retries: 5 }, { queueConsumerLimit: 300 });
  onTestFinished(() => slow.close());
  slow.order(({ messages }) => ({ hangs: messages[0]?.attempts === 1 }));
  await slow.send({ body: "x" });
  await eventually(() => expect(slow.seen().map(({ attempts }) => attempts)).toEqual([1, 2]));
});
