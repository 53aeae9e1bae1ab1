import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { type CloudFixture, startTestCloud } from "../../cloud-fixture.ts";
import type { Bill } from "./bill.ts";
import type { UsageRow } from "./counts.ts";

const WORKER = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const made = sql.exec("CREATE TABLE IF NOT EXISTS calls (n INTEGER PRIMARY KEY)");
    const added = sql.exec("INSERT INTO calls DEFAULT VALUES");
    const found = sql.exec("SELECT * FROM calls");
    const calls = [...found].length;
    await this.ctx.storage.put({ a: 1, b: 2 });
    await this.ctx.storage.get("a");
    await this.ctx.storage.list();
    const cursors = [made, added, found];
    return Response.json({
      calls,
      objectRead: cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 3),
      objectWritten: cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 2),
    });
  }
}
export default {
  async fetch(request, env) {
    await env.KV.put("a", "1");
    await env.KV.get("a");
    await env.KV.get(["a", "b"]);
    await env.KV.list();
    await env.KV.delete("a");
    const answers = [
      await env.DB.prepare("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, text TEXT)").run(),
      ...(await env.DB.batch([
        env.DB.prepare("INSERT INTO rows (text) VALUES (?)").bind('{"rows_read":99}'),
        env.DB.prepare("SELECT n, text, 99 AS rows_read FROM rows"),
      ])),
    ];
    await env.DB.prepare("SELECT count(*) FROM rows").first();
    const sum = (field) => answers.reduce((total, { meta }) => total + meta[field], 0);
    await env.FILES.put("a", "1");
    await (await env.FILES.get("a")).text();
    await env.FILES.head("a");
    await env.FILES.delete("a");
    const object = await (await env.COUNTER.get(env.COUNTER.idFromName("one")).fetch("http://counter/")).json();
    return Response.json({ ...object, read: sum("rows_read"), written: sum("rows_written") });
  },
};`;

it("counts what a Worker uses of Workers, KV, D1, R2 and Durable Objects", async () => {
  const fixture = await startTestCloud();
  await deploy(fixture);

  const answers = [await callShop(fixture), await callShop(fixture)];

  expect(answers.map(({ calls }) => calls)).toEqual([1, 2]);
  const used = await vi.waitFor(
    async () => {
      const found = await usageOf(fixture, "shop");
      expect(found["workers.requests"]).toBe(2);
      return found;
    },
    { timeout: 30_000 },
  );
  expect(used).toMatchObject({
    "durable_objects.requests": 2,
    "kv.reads": 6,
    "kv.writes": 2,
    "kv.deletes": 2,
    "kv.lists": 2,
    "r2.class_a": 2,
    "r2.class_b": 4,
  });
  // D1 says itself what each answer cost; the count of rows read one in the first call and two in the second.
  expect(used["d1.rows_read"]).toBe(answers.reduce((total, { read }) => total + read, 3));
  expect(used["d1.rows_written"]).toBe(answers.reduce((total, { written }) => total + written, 0));

  expect(used["durable_objects.rows_read"]).toBe(answers.reduce((total, { objectRead }) => total + objectRead, 0));
  expect(used["durable_objects.rows_written"]).toBe(
    answers.reduce((total, { objectWritten }) => total + objectWritten, 0),
  );

  const bill = await askUsage<Bill>(fixture, "/bill", { scale: "600" });
  const writes = bill.lines.find(({ product, what }) => product === "KV" && what === "writes");
  expect(writes).toMatchObject({ used: 1200, free: { allowance: 1000, per: "day", beyond: 0 }, paid: { usd: 0 } });
  expect(bill.lines.find(({ what }) => what === "GB stored")?.used).toBeGreaterThan(0);
});

it.each([
  [{ scale: "-1" }, "scale"],
  [{ from: "yesterday" }, "from"],
  [{ account: "nobody" }, "nobody"],
])("refuses %j by name", async (query, name) => {
  const fixture = await startTestCloud();
  await expect(askUsage(fixture, "/bill", query)).rejects.toThrow(name);
});

it("keeps counts over a restart and drops them with the account's reset", async () => {
  const directory = mkdtempSync(join(tmpdir(), "usage-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const first = await startTestCloud({ directory });
  await deploy(first);
  await callShop(first);
  await expect.poll(async () => (await usageOf(first, "shop"))["workers.requests"]).toBe(1);
  await callShop(first);
  await first.cloud.close();

  const second = await startTestCloud({ directory });
  expect(await usageOf(second, "shop")).toMatchObject({ "workers.requests": 2, "kv.writes": 2 });

  const headers = { authorization: `Bearer ${second.cloud.token}` };
  await fetch(`${second.cloud.url}/_local/reset`, { method: "POST", headers, body: "{}" });
  expect(await usageOf(second, "shop")).toEqual({});
});

const OFFICE = `
export default {
  async fetch(request, env) {
    console.log("one line");
    await env.LETTERS.send("x".repeat(70_000), { contentType: "text" });
    await env.LETTERS.sendBatch([{ body: 1 }, { body: 2 }]);
    const { data } = await env.AI.run("@cf/baai/bge-base-en-v1.5", { text: "a letter" });
    await env.INDEX.query(data[0], { topK: 1 });
    env.POINTS.writeDataPoint({ doubles: [1] });
    env.POINTS.writeDataPoint({ doubles: [2] });
    return new Response("sent");
  },
  async queue() {},
};`;

it("counts queues, models, vectors, data points and logs by the Worker that uses them", async () => {
  const fixture = await startTestCloud({ vectorizeDelay: 0 });
  const { client, accountId, upload, api } = fixture;
  await client.queues.create({ account_id: accountId, queue_name: "letters" });
  await api("POST", "/vectorize/v2/indexes", { name: "letters", config: { dimensions: 768, metric: "cosine" } });
  const bindings = [
    { type: "queue", name: "LETTERS", queue_name: "letters" },
    { type: "ai", name: "AI" },
    { type: "vectorize", name: "INDEX", index_name: "letters" },
    { type: "analytics_engine", name: "POINTS", dataset: "letters" },
  ];
  await upload("office", OFFICE, { bindings, observability: { enabled: true } });
  const [queue] = (await client.queues.list({ account_id: accountId })).result;
  await api("POST", `/queues/${queue?.queue_id}/consumers`, {
    type: "worker",
    script_name: "office",
    settings: { batch_size: 10, max_wait_time_ms: 100 },
  });

  expect(await (await fixture.fetch("office")).text()).toBe("sent");

  const used = await vi.waitFor(
    async () => {
      const found = await usageOf(fixture, "office");
      // A message of two chunks and two of one: written, read, deleted.
      expect(found["queues.operations"]).toBe(12);
      expect(found["workers.requests"]).toBeGreaterThanOrEqual(2);
      // Points and logs come after the answer.
      expect(found).toMatchObject({ "vectorize.queried_dimensions": 768, "analytics_engine.points": 2 });
      // Every call is an event, and so is the line.
      expect(found["workers_logs.events"]).toBe((found["workers.requests"] ?? 0) + 1);
      return found;
    },
    { timeout: 30_000 },
  );
  expect(used["workers_ai.neurons"]).toBeGreaterThan(0);
});

async function callShop({ fetch: call }: CloudFixture) {
  return (await (await call("shop")).json()) as Record<
    "calls" | "read" | "written" | "objectRead" | "objectWritten",
    number
  >;
}

async function deploy({ client, accountId, upload }: CloudFixture): Promise<void> {
  const kv = await client.kv.namespaces.create({ account_id: accountId, title: "shop" });
  const d1 = await client.d1.database.create({ account_id: accountId, name: "shop" });
  await client.r2.buckets.create({ account_id: accountId, name: "shop" });
  const bindings = [
    { type: "kv_namespace", name: "KV", namespace_id: kv.id },
    { type: "d1", name: "DB", id: d1.uuid },
    { type: "r2_bucket", name: "FILES", bucket_name: "shop" },
    { type: "durable_object_namespace", name: "COUNTER", class_name: "Counter" },
  ];
  const migrations = { new_tag: "v1", new_sqlite_classes: ["Counter"] };
  const { status, body } = await upload("shop", WORKER, { bindings, migrations });
  expect(body).toContain('"success":true');
  expect(status).toBe(200);
}

/** Sums by meter. */
async function usageOf(fixture: CloudFixture, script: string): Promise<Record<string, number>> {
  const { usage } = await askUsage<{ usage: UsageRow[] }>(fixture, "");
  return Object.fromEntries(usage.filter((row) => row.script === script).map(({ meter, amount }) => [meter, amount]));
}

/** @throws what the cloud refuses it with */
async function askUsage<Result>(
  { cloud, accountId }: CloudFixture,
  path: string,
  query: Record<string, string> = {},
): Promise<Result> {
  const headers = { authorization: `Bearer ${cloud.token}` };
  const asked = new URLSearchParams({ account: accountId, ...query });
  const response = await fetch(`${cloud.url}/_local/usage${path}?${asked}`, { headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Result;
}
