import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type QueueFixture, startQueueCloud } from "./queue-fixture.ts";

let fixture: QueueFixture;
let account_id: string;
let queueId: string;

beforeAll(async () => {
  fixture = await startQueueCloud(null);
  account_id = fixture.accountId;
  queueId = fixture.queueId;
  await fixture.client.queues.consumers.create(queueId, {
    account_id,
    type: "http_pull",
    dead_letter_queue: "pull-dead",
    settings: { visibility_timeout_ms: 10_000, max_retries: 1 },
  });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.client.queues.purge.start(queueId, { account_id, delete_messages_permanently: true });
});

const push = (...bodies: unknown[]) =>
  fixture.client.queues.messages.bulkPush(queueId, {
    account_id,
    messages: bodies.map((body) => ({ body, content_type: "json" as const })),
  });
const pull = async (options: { batch_size?: number; visibility_timeout_ms?: number } = {}) => {
  const answer = await fixture.client.queues.messages.pull(queueId, { account_id, ...options });
  return { ...answer, messages: answer.messages ?? [] };
};
const leases = (messages: { lease_id?: string }[]) => messages.map(({ lease_id }) => ({ lease_id: String(lease_id) }));
const decoded = (messages: { body?: string }[]) =>
  messages.map(({ body }) => JSON.parse(Buffer.from(String(body), "base64").toString()) as unknown);

it("leases messages, which nobody else gets until the lease runs out", async () => {
  await push(1, 2, 3);
  const first = await pull({ batch_size: 2 });
  expect(decoded(first.messages)).toEqual([1, 2]);
  expect(first).toMatchObject({ message_backlog_count: 3, messages: [{ attempts: 1 }, { attempts: 1 }] });
  expect(decoded((await pull()).messages)).toEqual([3]);
  expect((await pull()).messages).toEqual([]);
  fixture.cloud.clock.advance(10_001);
  const again = await pull();
  expect(decoded(again.messages)).toEqual([1, 2, 3]);
  expect(again.messages.map(({ attempts }) => attempts)).toEqual([2, 2, 2]);
});

it("acknowledges and retries by lease, and says which lease is none", async () => {
  await push("done", "later");
  const { messages } = await pull();
  const [done, later] = leases(messages);
  const answer = await fixture.client.queues.messages.ack(queueId, {
    account_id,
    acks: done ? [done, { lease_id: "bm9uZQ" }] : [],
    retries: later ? [{ ...later, delay_seconds: 60 }] : [],
  });
  expect(answer).toEqual({
    ackCount: 1,
    retryCount: 1,
    warnings: { bm9uZQ: expect.stringMatching(/not valid/) as string },
  });
  expect((await pull()).messages).toEqual([]);
  fixture.cloud.clock.advance(60_000);
  const again = await pull();
  expect(decoded(again.messages)).toEqual(["later"]);
  const gone = await fixture.client.queues.messages.ack(queueId, { account_id, acks: leases(again.messages) });
  expect(gone).toMatchObject({ ackCount: 1 });
  expect(
    (await fixture.client.queues.messages.ack(queueId, { account_id, acks: leases(again.messages) })).ackCount,
  ).toBe(0);
});

it("does not take an acknowledgement after the lease ran out", async () => {
  await push("x");
  const { messages } = await pull({ visibility_timeout_ms: 1000 });
  fixture.cloud.clock.advance(1001);
  const answer = await fixture.client.queues.messages.ack(queueId, { account_id, acks: leases(messages) });
  expect(answer.ackCount).toBe(0);
  expect(Object.values(answer.warnings ?? {})).toEqual([expect.stringMatching(/expired/)]);
});

it("moves what was leased too often to the dead-letter queue", async () => {
  await push("poison");
  await pull();
  fixture.cloud.clock.advance(10_001);
  await pull();
  fixture.cloud.clock.advance(10_001);
  expect((await pull()).messages).toEqual([]);
  const account = fixture.accountId;
  const { messages } = await fixture.local<{ messages: object[] }>(
    "GET",
    `/queues/messages?account=${account}&queue=pull-dead`,
  );
  expect(messages).toMatchObject([
    { body: { text: '"poison"' }, reason: "the lease ran out", origin: { name: "jobs" } },
  ]);
});

it("gives text as text and all else in base64", async () => {
  await fixture.client.queues.messages.push(queueId, { account_id, body: "text", content_type: "text" });
  await fixture.send({ made: "bytes", contentType: "bytes" });
  const { messages } = await pull();
  expect(messages.map(({ body, metadata }) => [body, metadata])).toEqual([
    ["text", { "CF-Content-Type": "text" }],
    [Buffer.from([0, 1, 254, 255]).toString("base64"), { "CF-Content-Type": "bytes" }],
  ]);
});

it("shows messages without leasing them, and deletes single ones", async () => {
  await push("a", "b");
  const { messages } = await fixture.client.queues.messages.peek(queueId, { account_id });
  expect(messages).toHaveLength(2);
  const refs = [{ ref: String(messages?.[0]?.ref) }];
  await fixture.client.queues.messages.purge(queueId, { account_id, refs });
  expect(decoded((await pull()).messages)).toEqual(["b"]);
});

it("refuses a paused queue, a queue without a pull consumer and a lease of more than 12 hours", async () => {
  const { queues } = fixture.client;
  await queues.edit(queueId, { account_id, settings: { delivery_paused: true } });
  await expect(pull()).rejects.toMatchObject({
    status: 409,
    errors: [{ message: expect.stringMatching(/queue_delivery_paused/) as string }],
  });
  await queues.edit(queueId, { account_id, settings: { delivery_paused: false } });
  await expect(pull({ visibility_timeout_ms: 43_200_001 })).rejects.toMatchObject({ status: 400 });
  const other = String((await queues.create({ account_id, queue_name: "push-only" })).queue_id);
  await expect(queues.messages.pull(other, { account_id })).rejects.toMatchObject({ status: 405 });
});
