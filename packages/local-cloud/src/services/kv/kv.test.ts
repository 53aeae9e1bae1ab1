import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";

let cloud: TestCloud;
let account_id: string;
let namespace_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
  namespace_id = (await cloud.client.kv.namespaces.create({ account_id, title: "pairs" })).id;
});
afterAll(() => cloud.close());

const values = () => cloud.client.kv.namespaces.values;
const path = (rest: string) => `${cloud.api}/storage/kv/namespaces/${namespace_id}/${rest}`;
const refusal = (status: number, code: number) => ({ status, errors: [expect.objectContaining({ code })] });

it("makes, renames, lists and deletes a namespace", async () => {
  const { namespaces } = cloud.client.kv;
  const made = await namespaces.create({ account_id, title: "cache" });
  expect(made).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), title: "cache", supports_url_encoding: true });
  expect(await namespaces.update(made.id, { account_id, title: "renamed" })).toMatchObject({ title: "renamed" });
  expect(await namespaces.get(made.id, { account_id })).toEqual({ ...made, title: "renamed" });
  const titles: (string | undefined)[] = [];
  for await (const { title } of namespaces.list({ account_id, order: "title", per_page: 1 })) titles.push(title);
  expect(titles).toEqual(["pairs", "renamed"]);
  await namespaces.delete(made.id, { account_id });
  await expect(namespaces.get(made.id, { account_id })).rejects.toMatchObject(refusal(404, 10013));
  const changes = cloud.cloud.activity
    .recent()
    .flatMap((one) => (one.type === "change" && one.product === "kv" ? [one.action] : []));
  expect(changes).toEqual(expect.arrayContaining(["create", "update", "delete"]));
});

it("refuses a title that is taken or empty", async () => {
  const { namespaces } = cloud.client.kv;
  await expect(namespaces.create({ account_id, title: "pairs" })).rejects.toMatchObject(refusal(400, 10014));
  await expect(namespaces.create({ account_id, title: " " })).rejects.toMatchObject(refusal(400, 10019));
  await expect(namespaces.create({ account_id, title: 7 as never })).rejects.toMatchObject({ status: 400 });
});

it("keeps bytes, metadata and expiry under keys with any characters", async () => {
  const key_name = "a/b c?d#ü%2F";
  const expiration = Math.floor(Date.now() / 1000) + 3600;
  const metadata = JSON.stringify({ who: "me" });
  await values().update(key_name, { account_id, namespace_id, value: "hello", metadata, expiration });
  const response = await values().get(key_name, { account_id, namespace_id });
  expect(await response.text()).toBe("hello");
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  expect(response.headers.get("expiration")).toBe(String(expiration));
  const { keys, metadata: metadatas } = cloud.client.kv.namespaces;
  expect(await metadatas.get(key_name, { account_id, namespace_id })).toEqual({ who: "me" });
  const listed = await keys.list(namespace_id, { account_id, prefix: "a/" });
  expect(listed.result).toEqual([{ name: key_name, expiration, metadata: { who: "me" } }]);

  const bytes = new Uint8Array([0, 255, 128, 10]);
  await fetch(path("values/bytes"), { method: "PUT", headers: cloud.authorization, body: bytes });
  expect(new Uint8Array(await (await values().get("bytes", { account_id, namespace_id })).arrayBuffer())).toEqual(
    bytes,
  );

  await values().delete(key_name, { account_id, namespace_id });
  await expect(values().get(key_name, { account_id, namespace_id })).rejects.toMatchObject({ status: 404 });
});

it("writes, reads, lists by pages and deletes in bulk", async () => {
  const names = Array.from({ length: 25 }, (_, i) => `bulk:${String(i).padStart(2, "0")}`);
  const body = names.map((key, i) => ({
    key,
    value: i === 0 ? btoa("{}") : `"${i}"`,
    base64: i === 0,
    metadata: { i },
  }));
  const { namespaces } = cloud.client.kv;
  expect(await namespaces.bulkUpdate(namespace_id, { account_id, body })).toEqual({
    successful_key_count: 25,
    unsuccessful_keys: [],
  });
  const listed: string[] = [];
  for await (const { name } of namespaces.keys.list(namespace_id, { account_id, prefix: "bulk:", limit: 10 }))
    listed.push(name);
  expect(listed).toEqual(names);
  const keys = ["bulk:00", "bulk:07", "nobody"];
  expect(await namespaces.bulkGet(namespace_id, { account_id, keys })).toEqual({
    values: { "bulk:00": "{}", "bulk:07": '"7"', nobody: null },
  });
  expect(
    await namespaces.bulkGet(namespace_id, { account_id, keys: ["bulk:07"], type: "json", withMetadata: true }),
  ).toEqual({
    values: { "bulk:07": { value: "7", metadata: { i: 7 } } },
  });
  expect(await namespaces.bulkDelete(namespace_id, { account_id, body: names })).toMatchObject({
    successful_key_count: 25,
  });
  expect((await namespaces.keys.list(namespace_id, { account_id, prefix: "bulk:" })).result).toEqual([]);
});

it.each<[string, string, string, RequestInit, number]>([
  ["a key of 513 bytes", "values/", `${"k".repeat(513)}`, { method: "PUT", body: "x" }, 400],
  ["a ttl of 59 seconds", "values/k", "?expiration_ttl=59", { method: "PUT", body: "x" }, 400],
  ["an expiry in the past", "values/k", "?expiration=1700000000", { method: "PUT", body: "x" }, 400],
  ["a value above 25 MiB", "values/k", "", { method: "PUT", body: new Uint8Array(25 * 1024 * 1024 + 1) }, 413],
  ["a list of 5", "keys", "?limit=5", {}, 400],
  ["a bulk of 10,001", "bulk", "", { method: "DELETE", body: JSON.stringify(Array(10_001).fill("k")) }, 400],
  [
    "a bulk with one bad pair",
    "bulk",
    "",
    {
      method: "PUT",
      body: JSON.stringify([
        { key: "good", value: "x" },
        { key: "", value: "x" },
      ]),
    },
    400,
  ],
])("refuses %s", async (_, where, rest, init, status) => {
  const response = await fetch(path(where + rest), { ...init, headers: cloud.authorization });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ success: false, errors: [{ code: expect.any(Number) }] });
});

it("writes nothing of a refused bulk", async () => {
  await expect(values().get("good", { account_id, namespace_id })).rejects.toMatchObject({ status: 404 });
});

it("refuses metadata above 1024 bytes and metadata that is not JSON", async () => {
  const metadata = JSON.stringify("m".repeat(1024));
  await expect(values().update("k", { account_id, namespace_id, value: "x", metadata })).rejects.toMatchObject({
    status: 413,
  });
  await expect(values().update("k", { account_id, namespace_id, value: "x", metadata: "{" })).rejects.toMatchObject({
    status: 400,
  });
});

it("refuses a Worker that names a namespace which is not there", async () => {
  const response = await cloud.upload("w", "export default {}", [
    { type: "kv_namespace", name: "KV", namespace_id: "nobody" },
  ]);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ code: 10041, message: "KV namespace 'nobody' not found." }],
  });
});
