import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "./test-cloud.ts";

/** Does through its bindings what the test then sees over REST, and the other way round. */
const WORKER = `export default { async fetch(request, env) {
  switch (new URL(request.url).pathname) {
    case "/write":
      await env.KV.put("from-worker", "kv", { metadata: { by: "worker" } });
      await env.DB.prepare("INSERT INTO notes (text) VALUES (?)").bind("d1").run();
      await env.R2.put("from/worker", "r2", { httpMetadata: { contentType: "text/x" } });
      env.STATS.writeDataPoint({ indexes: ["tenant"], blobs: ["blob"], doubles: [42] });
      return new Response("written");
    case "/read":
      return Response.json({
        kv: await env.KV.get("from-rest"),
        d1: (await env.DB.prepare("SELECT text FROM notes ORDER BY id").all()).results.map(({ text }) => text),
        r2: await (await env.R2.get("from/rest")).text(),
      });
    case "/stream":
      return new Response(await env.AI.run(env.MODEL, { prompt: "Hello", stream: true }));
    default:
      try {
        return Response.json(await env.AI.run(env.MODEL, { prompt: "Hello from a Worker" }));
      } catch (error) {
        return new Response(error.name + ": " + error.message, { status: 599 });
      }
  }
} }`;
const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";

let cloud: TestCloud;
let account_id: string;
let namespace_id: string;
let database_id: string;
let url: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
  const { client } = cloud;
  namespace_id = (await client.kv.namespaces.create({ account_id, title: "pairs" })).id;
  database_id = (await client.d1.database.create({ account_id, name: "notes" })).uuid ?? "";
  await client.r2.buckets.create({ account_id, name: "objects" });
  await client.d1.database.query(database_id, {
    account_id,
    sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)",
  });
  const uploaded = await cloud.upload("w", WORKER, [
    { type: "kv_namespace", name: "KV", namespace_id },
    { type: "d1", name: "DB", id: database_id },
    { type: "r2_bucket", name: "R2", bucket_name: "objects" },
    { type: "analytics_engine", name: "STATS", dataset: "points" },
    { type: "ai", name: "AI" },
    { type: "plain_text", name: "MODEL", text: MODEL },
  ]);
  if (!uploaded.ok) throw new Error(await uploaded.text());
  url = cloud.cloud.workerUrl(account_id, "w") ?? "";
});
afterAll(() => cloud.close());

it("shows over REST what a Worker wrote", async () => {
  const { client } = cloud;
  expect(await (await fetch(`${url}/write`)).text()).toBe("written");
  expect(await (await client.kv.namespaces.values.get("from-worker", { account_id, namespace_id })).text()).toBe("kv");
  expect(await client.kv.namespaces.metadata.get("from-worker", { account_id, namespace_id })).toEqual({
    by: "worker",
  });
  const { result } = await client.d1.database.query(database_id, { account_id, sql: "SELECT text FROM notes" });
  expect(result[0]?.results).toEqual([{ text: "d1" }]);
  const object = await client.r2.buckets.objects.get("from/worker", { account_id, bucket_name: "objects" });
  expect([await object.text(), object.headers.get("content-type")]).toEqual(["r2", "text/x"]);
});

it("gives a Worker what was written over REST", async () => {
  const { client } = cloud;
  await client.kv.namespaces.values.update("from-rest", { account_id, namespace_id, value: "kv" });
  await client.d1.database.query(database_id, { account_id, sql: "INSERT INTO notes (text) VALUES ('rest')" });
  await fetch(`${cloud.api}/r2/buckets/objects/objects/from%2Frest`, {
    method: "PUT",
    headers: cloud.authorization,
    body: "r2",
  });
  expect(await (await fetch(`${url}/read`)).json()).toEqual({ kv: "kv", d1: ["d1", "rest"], r2: "r2" });
});

it("answers the AI binding, and fails where a fault is set", async () => {
  const text = expect.stringMatching(/^\[stand-in\] .*Hello from a Worker/);
  expect(await (await fetch(url)).json()).toMatchObject({ response: text });
  expect(await (await fetch(`${url}/stream`)).text()).toMatch(/^data: [\s\S]*data: \[DONE\]\n\n$/);
  await cloud.setFaults({ kind: "fail", target: MODEL, status: 429, code: 3040 });
  expect(await (await fetch(url)).text()).toMatch(/^AiError: 3040: /);
});

it("keeps data points for the SQL API", async () => {
  const sql =
    "SELECT index1, blob1, double1, count() AS n FROM points GROUP BY index1, blob1, double1 FORMAT JSONEachRow";
  const response = await fetch(`${cloud.api}/analytics_engine/sql`, {
    method: "POST",
    headers: cloud.authorization,
    body: sql,
  });
  expect(await response.json()).toEqual({ index1: "tenant", blob1: "blob", double1: 42, n: "1" });
});
