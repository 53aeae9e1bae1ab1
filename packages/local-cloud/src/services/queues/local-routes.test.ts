import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { LocalMessage, LocalQueue } from "./local-routes.ts";
import { type QueueFixture, startQueueCloud } from "./queue-fixture.ts";

let fixture: QueueFixture;

beforeAll(async () => {
  fixture = await startQueueCloud(null);
});
afterAll(() => fixture.close());
beforeEach(() => post("purge", "jobs"));

function post<Result>(route: string, queue: string, body?: unknown): Promise<Result> {
  return fixture.local<Result>("POST", `/queues/${route}?account=${fixture.accountId}&queue=${queue}`, body ?? {});
}
async function queueNamed(name: string): Promise<LocalQueue | undefined> {
  const { queues } = await fixture.local<{ queues: LocalQueue[] }>("GET", `/queues?account=${fixture.accountId}`);
  return queues.find((queue) => queue.name === name);
}
function messages(queue: string, rest = "") {
  const path = `/queues/messages?account=${fixture.accountId}&queue=${queue}${rest}`;
  return fixture.local<{ messages: LocalMessage[]; next: string | null }>("GET", path);
}

it("counts what waits, is delayed and is in flight", async () => {
  const path = `/queues/${fixture.queueId}`;
  await fixture.api("POST", `${path}/consumers`, { type: "http_pull" });
  const before = fixture.cloud.clock.now();
  await post("send", "jobs", { body: "leased" });
  await post("send", "jobs", { body: "waits" });
  await post("send", "jobs", { body: "later", delay_seconds: 3600 });
  await fixture.api("POST", `${path}/messages/pull`, { batch_size: 1 });
  const queue = await queueNamed("jobs");
  expect(queue).toMatchObject({
    depth: 3,
    bytes: 16,
    waiting: 1,
    delayed: 1,
    inFlight: 1,
    paused: false,
    producers: ["w"],
    consumer: { type: "http_pull" },
  });
  expect(queue?.oldest).toBeGreaterThanOrEqual(before);
  expect(queue?.nextReady).toBeGreaterThanOrEqual(before + 3_600_000);
  const { messages: shown } = await messages("jobs");
  expect(shown.map(({ body, state }) => [body.text, state])).toEqual([
    ["leased", "in flight"],
    ["waits", "waiting"],
    ["later", "delayed"],
  ]);
});

it("shows messages by pages, oldest first", async () => {
  for (const body of ["1", "2", "3"]) await post("send", "jobs", { body });
  const first = await messages("jobs", "&limit=2");
  expect(first.messages.map(({ body }) => body.text)).toEqual(["1", "2"]);
  const second = await messages("jobs", `&limit=2&after=${first.next}`);
  expect([second.messages.map(({ body }) => body.text), second.next]).toEqual([["3"], null]);
});

it("deletes chosen messages and purges the rest", async () => {
  for (const body of ["1", "2", "3"]) await post("send", "jobs", { body });
  const { messages: all } = await messages("jobs");
  expect(await post("remove", "jobs", { messages: [all[0]?.sequence] })).toEqual({ removed: 1 });
  expect(await post("purge", "jobs")).toEqual({ purged: 2 });
  expect(await queueNamed("jobs")).toMatchObject({ depth: 0, bytes: 0, oldest: null });
});

it("sends what nobody knows the origin of where it is told, and leaves it otherwise", async () => {
  await fixture.api("POST", "/queues", { queue_name: "dead" });
  for (const body of ["1", "2"]) await post("send", "dead", { body });
  expect(await post("redrive", "dead")).toEqual({ moved: {}, stayed: 2 });
  const { messages: all } = await messages("dead");
  const chosen = { messages: [all[1]?.sequence], to: "jobs" };
  expect(await post("redrive", "dead", chosen)).toEqual({ moved: { jobs: 1 }, stayed: 0 });
  expect((await messages("jobs")).messages.map(({ body }) => body.text)).toEqual(["2"]);
  expect(await queueNamed("dead")).toMatchObject({ depth: 1 });
});

it("pauses and goes on", async () => {
  expect(await post("pause", "jobs", { paused: true })).toEqual({ paused: true });
  expect(await queueNamed("jobs")).toMatchObject({ paused: true });
  await post("pause", "jobs", { paused: false });
  expect(await queueNamed("jobs")).toMatchObject({ paused: false });
});

it("names a queue that is not there", async () => {
  await expect(post("purge", "nothing")).rejects.toThrow(/no queue \\"nothing\\"/);
});
