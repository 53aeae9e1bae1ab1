import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type QueueFixture, startQueueCloud } from "./queue-fixture.ts";

let fixture: QueueFixture;
let account_id: string;

beforeAll(async () => {
  fixture = await startQueueCloud(null);
  account_id = fixture.accountId;
});
afterAll(() => fixture.close());

describe("queues", () => {
  it("are made, listed, changed and deleted by the SDK", async () => {
    const { queues } = fixture.client;
    const made = await queues.create({ account_id, queue_name: "life" });
    expect(made).toMatchObject({
      queue_name: "life",
      settings: { delivery_delay: 0, delivery_paused: false, message_retention_period: 345_600 },
      consumers_total_count: 0,
      producers_total_count: 0,
    });
    const id = String(made.queue_id);
    const names: (string | undefined)[] = [];
    for await (const { queue_name } of queues.list({ account_id })) names.push(queue_name);
    expect(names).toEqual(["jobs", "life"]);
    expect(await queues.edit(id, { account_id, settings: { delivery_paused: true } })).toMatchObject({
      settings: { delivery_paused: true, message_retention_period: 345_600 },
    });
    expect(await queues.update(id, { account_id, queue_name: "after-life" })).toMatchObject({
      queue_name: "after-life",
    });
    expect(await queues.get(id, { account_id })).toMatchObject({ queue_name: "after-life", queue_id: id });
    await queues.delete(id, { account_id });
    await expect(queues.get(id, { account_id })).rejects.toMatchObject({ status: 404, errors: [{ code: 11_000 }] });
    await expect(queues.delete(id, { account_id })).rejects.toMatchObject({ status: 404 });
  });

  it("show who produces for them, and are found by name and page", async () => {
    const { result } = await fixture.api<object[]>("GET", "/queues?name=jobs&name=nothing");
    expect(result).toMatchObject([
      { queue_name: "jobs", producers: [{ type: "worker", script: "w" }], producers_total_count: 1 },
    ]);
    expect((await fixture.api("GET", "/queues?page=2")).result).toEqual([]);
  });

  it.each([
    ["a name with an underscore", { queue_name: "no_underscore" }, 11_003],
    ["a name that is too long", { queue_name: "x".repeat(64) }, 11_003],
    ["a name that is taken", { queue_name: "jobs" }, 11_009],
    ["no name", {}, 100_128],
    ["a delay of more than 12 hours", { queue_name: "a", settings: { delivery_delay: 43_201 } }, 100_128],
    ["a retention of less than a minute", { queue_name: "a", settings: { message_retention_period: 59 } }, 100_128],
    [
      "a retention of more than 14 days",
      { queue_name: "a", settings: { message_retention_period: 1_209_601 } },
      100_128,
    ],
  ])("refuse %s", async (_, body, code) => {
    expect(await fixture.api("POST", "/queues", body)).toMatchObject({ status: 400, errors: [{ code }] });
  });

  it("keep messages of the free plan for a day, not longer", async () => {
    const free = fixture.cloud.account({ name: "free", plan: "free" });
    const { client } = fixture;
    const queue = await client.queues.create({ account_id: free.id, queue_name: "q" });
    expect(queue.settings?.message_retention_period).toBe(86_400);
    const settings = { message_retention_period: 86_401 };
    await expect(client.queues.edit(String(queue.queue_id), { account_id: free.id, settings })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 100_128 }],
    });
  });

  it("lose their messages when they are deleted or purged", async () => {
    const { queues } = fixture.client;
    const id = String((await queues.create({ account_id, queue_name: "short" })).queue_id);
    await queues.messages.push(id, { account_id, body: "one" });
    expect(await fixture.api("POST", `/queues/${id}/purge`, {})).toMatchObject({ status: 400 });
    expect((await queues.messages.peek(id, { account_id })).messages).toHaveLength(1);
    await queues.purge.start(id, { account_id, delete_messages_permanently: true });
    expect(await queues.purge.status(id, { account_id })).toMatchObject({ completed: "true" });
    expect((await queues.messages.peek(id, { account_id })).messages).toEqual([]);
    await queues.messages.push(id, { account_id, body: "two" });
    await queues.delete(id, { account_id });
    const again = String((await queues.create({ account_id, queue_name: "short" })).queue_id);
    expect((await queues.messages.peek(again, { account_id })).messages).toEqual([]);
    await queues.delete(again, { account_id });
  });

  it("are gone after a reset, with their messages", async () => {
    const account = fixture.cloud.account({ name: "reset", plan: "paid" });
    const { client } = fixture;
    const made = await client.queues.create({ account_id: account.id, queue_name: "q" });
    await client.queues.messages.push(String(made.queue_id), { account_id: account.id, body: "x" });
    await fixture.local("POST", "/reset", { account: account.id });
    const { queues } = await fixture.local<{ queues: object[] }>("GET", `/queues?account=${account.id}`);
    expect(queues).toEqual([]);
    const again = await client.queues.create({ account_id: account.id, queue_name: "q" });
    expect((await client.queues.messages.peek(String(again.queue_id), { account_id: account.id })).messages).toEqual(
      [],
    );
  });
});

it("stay bound to a Worker when they are renamed", async () => {
  const path = `/queues/${fixture.queueId}`;
  expect((await fixture.api("PUT", path, { queue_name: "renamed" })).status).toBe(200);
  expect((await fixture.send({ body: "x" })).status).toBe(200);
  expect((await fixture.api("PUT", path, { queue_name: "jobs" })).status).toBe(200);
  await fixture.api("POST", `${path}/purge`, { delete_messages_permanently: true });
});

describe("consumers", () => {
  it("are added, changed and removed by the SDK, one a queue", async () => {
    const { consumers } = fixture.client.queues;
    const worker = { account_id, type: "worker", script_name: "w" } as const;
    const made = await consumers.create(fixture.queueId, { ...worker, settings: { batch_size: 5 } });
    expect(made).toMatchObject({
      type: "worker",
      script: "w",
      settings: { batch_size: 5, max_retries: 3, max_wait_time_ms: 5000, retry_delay: 0 },
    });
    const id = String(made.consumer_id);
    await expect(consumers.create(fixture.queueId, { account_id, type: "http_pull" })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 11_004 }],
    });
    const settings = { batch_size: 7, max_concurrency: 2 };
    const changed = await consumers.update(id, {
      ...worker,
      queue_id: fixture.queueId,
      settings,
      dead_letter_queue: "dead",
    });
    expect(changed).toMatchObject({ settings, dead_letter_queue: "dead" });
    expect(await consumers.get(id, { account_id, queue_id: fixture.queueId })).toMatchObject({
      dead_letter_queue: "dead",
    });
    await consumers.delete(id, { account_id, queue_id: fixture.queueId });
    await expect(consumers.get(id, { account_id, queue_id: fixture.queueId })).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ["a batch of 101", { batch_size: 101 }],
    ["a wait of more than a minute", { max_wait_time_ms: 60_001 }],
    ["101 retries", { max_retries: 101 }],
    ["251 calls at once", { max_concurrency: 251 }],
    ["a retry delay of more than 12 hours", { retry_delay: 43_201 }],
  ])("refuse %s", async (_, settings) => {
    const body = { type: "worker", script_name: "w", settings };
    const answer = await fixture.api("POST", `/queues/${fixture.queueId}/consumers`, body);
    expect(answer).toMatchObject({ status: 400, errors: [{ code: 100_127 }] });
  });

  it.each([
    ["a dead-letter queue whose name cannot be", "No Name"],
    ["their own queue for dead letters", "jobs"],
  ])("refuse %s", async (_, deadLetterQueue) => {
    const body = { type: "worker", script_name: "w", dead_letter_queue: deadLetterQueue };
    const answer = await fixture.api("POST", `/queues/${fixture.queueId}/consumers`, body);
    expect(answer).toMatchObject({ status: 400, errors: [{ code: 100_127 }] });
  });

  it("refuse a Worker that is not there, or has no queue handler", async () => {
    const path = `/queues/${fixture.queueId}/consumers`;
    expect(await fixture.api("POST", path, { type: "worker", script_name: "nobody" })).toMatchObject({ status: 404 });
    const form = new FormData();
    const code = "export default { fetch: () => new Response() }";
    form.set("index.js", new File([code], "index.js", { type: "application/javascript+module" }));
    form.set("metadata", JSON.stringify({ main_module: "index.js" }));
    const headers = { authorization: `Bearer ${fixture.cloud.token}` };
    const url = `${fixture.cloud.apiUrl}/accounts/${account_id}/workers/scripts/deaf`;
    expect((await fetch(url, { method: "PUT", headers, body: form })).status).toBe(200);
    const refused = await fixture.api("POST", path, { type: "worker", script_name: "deaf" });
    expect(refused).toMatchObject({ status: 400, errors: [{ code: 11_001 }] });
  });
});

describe("limits of sending", () => {
  const large = "x".repeat(128_001);

  it.each([
    ["a message of more than 128 KB", [{ body: large, contentType: "text" }], /10204/],
    ["101 messages at once", Array.from({ length: 101 }, () => ({ body: 1 })), /10206/],
    [
      "more than 256 KB at once",
      Array.from({ length: 3 }, () => ({ body: "x".repeat(100_000), contentType: "text" })),
      /10205/,
    ],
  ])("by the binding: %s is refused", async (_, messages, error) => {
    const { status, text } = await fixture.send(...messages);
    expect([status, text]).toEqual([500, expect.stringMatching(error)]);
  });

  it.each([
    ["a message of more than 128 KB", "", { body: large }, 10_204],
    ["a delay of more than 12 hours", "", { body: 1, delay_seconds: 43_201 }, 10_203],
    ["a content type of Workers only", "", { body: "x", content_type: "v8" }, 10_203],
    ["no body", "", {}, 10_207],
    ["a text that is none", "", { body: { a: 1 }, content_type: "text" }, 10_207],
    ["no messages", "/batch", { messages: [] }, 10_206],
    ["101 messages", "/batch", { messages: Array.from({ length: 101 }, () => ({ body: 1 })) }, 10_206],
    ["a batch delay below 0", "/batch", { messages: [{ body: 1 }], delay_seconds: -1 }, 10_202],
  ])("over REST: %s is refused", async (_, path, body, code) => {
    const answer = await fixture.api("POST", `/queues/${fixture.queueId}/messages${path}`, body);
    expect(answer).toMatchObject({ errors: [{ code }] });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it("keep nothing of a batch that is refused", async () => {
    const { messages } = await fixture.client.queues.messages.peek(fixture.queueId, { account_id });
    expect(messages).toEqual([]);
  });

  it("tell a Worker that its queue is gone", async () => {
    const id = String((await fixture.client.queues.create({ account_id, queue_name: "going" })).queue_id);
    await fixture.client.queues.delete(id, { account_id });
    const answer = await fixture.api("POST", `/queues/${id}/messages`, { body: 1 });
    expect(answer).toMatchObject({ status: 404, errors: [{ code: 10_104 }] });
  });
});
