import { expect, it, vi } from "vitest";
import { type CloudFixture, startTestCloud } from "../../cloud-fixture.ts";

const CODE = `export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/seen") return Response.json(JSON.parse((await env.KV.get("seen")) ?? "[]"));
    await env.JOBS.send({ text: searchParams.get("text") });
    return new Response("sent");
  },
  async queue(batch, env) {
    const seen = JSON.parse((await env.KV.get("seen")) ?? "[]");
    for (const { id, body, attempts, timestamp } of batch.messages) seen.push({ queue: batch.queue, id, body, attempts, timestamp });
    await env.KV.put("seen", JSON.stringify(seen));
  },
};`;

async function deployed(fixture: CloudFixture) {
  const { client, accountId, upload } = fixture;
  const account_id = accountId;
  const { id } = await client.kv.namespaces.create({ account_id, title: "seen" });
  const queue = await client.queues.create({ account_id, queue_name: "jobs" });
  const uploaded = await upload("w", CODE, {
    bindings: [
      { type: "queue", name: "JOBS", queue_name: "jobs" },
      { type: "kv_namespace", name: "KV", namespace_id: id },
    ],
  });
  expect(uploaded.errors).toEqual([]);
  return String(queue.queue_id);
}

it("carries a message from a Worker to the Worker that consumes", async () => {
  const fixture = await startTestCloud();
  const queueId = await deployed(fixture);
  const consumer = await fixture.client.queues.consumers.create(queueId, {
    account_id: fixture.accountId,
    type: "worker",
    script_name: "w",
    settings: { batch_size: 10, max_wait_time_ms: 50 },
  });
  expect(consumer).toMatchObject({ type: "worker", script_name: "w", settings: { max_retries: 3 } });
  await fixture.fetch("w", "/send?text=hello");
  await vi.waitFor(async () => {
    const seen = (await (await fixture.fetch("w", "/seen")).json()) as unknown[];
    expect(seen).toMatchObject([{ queue: "jobs", body: { text: "hello" }, attempts: 1 }]);
  });
});
