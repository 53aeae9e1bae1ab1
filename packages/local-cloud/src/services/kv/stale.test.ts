import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";

const CODE = `export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const key = decodeURIComponent(pathname.slice(1));
    if (request.method === "PUT") await env.KV.put(key, await request.text(), { metadata: { by: "w" } });
    else if (request.method === "DELETE") await env.KV.delete(key);
    else if (searchParams.has("many")) return Response.json(Object.fromEntries(await env.KV.get([key, "other"])));
    else return Response.json(await env.KV.getWithMetadata(key));
    return new Response();
  },
};`;
/** Longer than any test. */
const LONG = 600_000;

let cloud: TestCloud;
let worker: string;
let namespace_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  namespace_id = (await cloud.client.kv.namespaces.create({ account_id: cloud.accountId, title: "cache" })).id;
  await cloud.upload("w", CODE, [{ type: "kv_namespace", name: "KV", namespace_id }]);
  worker = cloud.cloud.workerUrl(cloud.accountId, "w") ?? "";
});
afterAll(() => cloud.close());

const at = (key: string) => `${worker}/${encodeURIComponent(key)}`;
const put = (key: string, body: string) => fetch(at(key), { method: "PUT", body });
const read = async (key: string) => (await fetch(at(key))).json();
const stale = (more: { ms: number; count?: number; target: string }) =>
  cloud.setFaults({ service: "kv", kind: "stale", ...more });

it("sees its writes at once without the fault", async () => {
  await put("a/ü b", "one");
  expect(await read("a/ü b")).toMatchObject({ value: "one", metadata: { by: "w" } });
  await fetch(at("a/ü b"), { method: "DELETE" });
  expect(await read("a/ü b")).toMatchObject({ value: null });
});

it("answers what was there before a write, a deletion, or nothing at all; the API has the truth", async () => {
  await put("old", "one");
  await put("gone", "one");
  await stale({ ms: LONG, count: 3, target: "cache" });
  await put("old", "two");
  await put("new/1", "one");
  await fetch(at("gone"), { method: "DELETE" });
  expect(await read("old")).toMatchObject({ value: "one", metadata: { by: "w" } });
  expect(await read("new/1")).toMatchObject({ value: null });
  expect(await read("gone")).toMatchObject({ value: "one" });
  expect(await (await fetch(`${at("gone")}?many`)).json()).toEqual({ gone: "one", other: null });
  const { values } = cloud.client.kv.namespaces;
  const found = await values.get("old", { account_id: cloud.accountId, namespace_id });
  expect(await found.text()).toBe("two");
  // The three are over: what is written now is seen now.
  await put("old", "three");
  expect(await read("old")).toMatchObject({ value: "three" });
});

it("shows the write when its time has come", async () => {
  await put("late", "one");
  await stale({ ms: 300, count: 2, target: "cache" });
  await put("late", "two");
  await put("late", "three");
  expect(await read("late")).toMatchObject({ value: "one" });
  await vi.waitFor(async () => expect(await read("late")).toMatchObject({ value: "three" }), 30_000);
});

it("leaves other namespaces alone", async () => {
  await stale({ ms: LONG, target: "somebody-else" });
  await put("calm", "one");
  await put("calm", "two");
  expect(await read("calm")).toMatchObject({ value: "two" });
});
