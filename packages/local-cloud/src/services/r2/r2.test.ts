import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";
import { isBucketName } from "./store.ts";

let cloud: TestCloud;
let account_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
  await cloud.client.r2.buckets.create({ account_id, name: "results" });
});
afterAll(() => cloud.close());

const refusal = (status: number, code: number) => ({ status, errors: [expect.objectContaining({ code })] });

it("makes a bucket, changes its class, and deletes it", async () => {
  const { buckets } = cloud.client.r2;
  const made = await buckets.create({ account_id, name: "archive", locationHint: "enam", storageClass: "Standard" });
  expect(made).toEqual({
    name: "archive",
    location: "ENAM",
    storage_class: "Standard",
    jurisdiction: "default",
    creation_date: expect.stringMatching(/^\d{4}-.*000Z$/),
  });
  const edited = await buckets.edit("archive", { account_id, storage_class: "InfrequentAccess" });
  expect(edited).toEqual({ ...made, storage_class: "InfrequentAccess" });
  expect(await buckets.get("archive", { account_id })).toEqual(edited);
  await buckets.delete("archive", { account_id });
  await expect(buckets.get("archive", { account_id })).rejects.toMatchObject(refusal(404, 10006));
});

it("lists buckets by name and by pages", async () => {
  const { buckets } = cloud.client.r2;
  for (const name of ["list-a", "list-b", "list-c"]) await buckets.create({ account_id, name });
  const first = await fetch(`${cloud.api}/r2/buckets?name_contains=list-&per_page=2`, {
    headers: cloud.authorization,
  }).then(
    (response) =>
      response.json() as Promise<{ result: { buckets: { name: string }[] }; result_info: { cursor: string } }>,
  );
  expect(first.result.buckets.map(({ name }) => name)).toEqual(["list-a", "list-b"]);
  const rest = await buckets.list({ account_id, name_contains: "list-", cursor: first.result_info.cursor });
  expect(rest.buckets?.map(({ name }) => name)).toEqual(["list-c"]);
});

it("refuses a name that is taken or not valid", async () => {
  const { buckets } = cloud.client.r2;
  await expect(buckets.create({ account_id, name: "results" })).rejects.toMatchObject(refusal(400, 10004));
  await expect(buckets.create({ account_id, name: "Results" })).rejects.toMatchObject(refusal(400, 10005));
  await expect(buckets.create({ account_id, name: "other", storageClass: "Cold" as never })).rejects.toMatchObject({
    status: 400,
  });
});

it("keeps the jurisdictions apart", async () => {
  const { buckets } = cloud.client.r2;
  await buckets.create({ account_id, name: "european", "cf-r2-jurisdiction": "eu" });
  await expect(buckets.get("european", { account_id })).rejects.toMatchObject(refusal(404, 10006));
  expect(await buckets.get("european", { account_id, "cf-r2-jurisdiction": "eu" })).toMatchObject({
    jurisdiction: "eu",
  });
});

it("keeps objects with their headers, and a bucket that holds some", async () => {
  const { buckets } = cloud.client.r2;
  const at = { account_id, bucket_name: "results" };
  const key = "folder/a b+ü.bin";
  const bytes = new Uint8Array(3 * 1024 * 1024).fill(7);
  const url = `${cloud.api}/r2/buckets/results/objects/${encodeURIComponent(key)}`;
  const headers = {
    ...cloud.authorization,
    "content-type": "image/png",
    "cache-control": "max-age=60",
  };
  const put = await fetch(url, { method: "PUT", headers, body: bytes });
  expect(await put.json()).toMatchObject({
    success: true,
    result: { key, size: String(bytes.length), storage_class: "Standard" },
  });

  const got = await buckets.objects.get(key, at);
  expect(got.headers.get("content-type")).toBe("image/png");
  expect(got.headers.get("cache-control")).toBe("max-age=60");
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
  const head = await fetch(url, { method: "HEAD", headers });
  expect(head.headers.get("content-length")).toBe(String(bytes.length));
  const again = await fetch(url, { headers: { ...headers, "if-none-match": got.headers.get("etag") ?? "" } });
  expect(again.status).toBe(304);

  const { result } = await buckets.objects.list("results", { account_id, prefix: "folder/" });
  expect(result).toMatchObject([{ key, size: bytes.length, http_metadata: { contentType: "image/png" } }]);
  await expect(buckets.delete("results", { account_id })).rejects.toMatchObject(refusal(400, 10008));
  await buckets.objects.delete(key, at);
  await expect(buckets.objects.get(key, at)).rejects.toMatchObject({ status: 404 });
  await buckets.delete("results", { account_id });
});

it("refuses a Worker that names a bucket which is not there", async () => {
  const response = await cloud.upload("w", "export default {}", [
    { type: "r2_bucket", name: "R2", bucket_name: "nobody" },
  ]);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ code: 10085 }] });
});

it.each([
  ["abc", true],
  ["a-1", true],
  ["ab", false],
  ["-ab", false],
  ["ab-", false],
  ["a_b", false],
  ["a".repeat(64), false],
])("%s is a bucket's name: %s", (name, expected) => {
  expect(isBucketName(name)).toBe(expected);
});
