import { expect, it } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";

it("tells over REST how many messages wait, and that a queue is not there", async () => {
  const { accountId: account_id, client } = await startTestCloud();
  const queue = await client.queues.create({ account_id, queue_name: "jobs" });
  const id = String(queue.queue_id);
  expect(await client.queues.getMetrics(id, { account_id })).toMatchObject({ backlog_count: 0 });
  await client.queues.messages.push(id, { account_id, body: "one", content_type: "text" });
  await client.queues.messages.push(id, { account_id, body: "two", content_type: "text" });
  expect(await client.queues.getMetrics(id, { account_id })).toMatchObject({
    backlog_count: 2,
    oldest_message_timestamp_ms: expect.any(Number),
  });
  await client.queues.delete(id, { account_id });
  await expect(client.queues.getMetrics(id, { account_id })).rejects.toMatchObject({ status: 404 });
});
