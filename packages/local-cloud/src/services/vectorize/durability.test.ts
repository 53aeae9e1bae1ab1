import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished, vi } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";

function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), "local-cloud-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A cloud in a process of its own that writes vector after vector and prints the number of each that was acknowledged. */
function spawnWriter(directory: string): ChildProcess {
  const source = `import { createCloud } from ${JSON.stringify(new URL("../../cloud.ts", import.meta.url).href)};
    const cloud = await createCloud({ directory: ${JSON.stringify(directory)}, port: 0, vectorizeDelay: 20 });
    const { id } = cloud.account({ name: "test", plan: "paid" });
    const call = async (path, body, type) => {
      const headers = { authorization: "Bearer " + cloud.token, "content-type": type };
      const response = await fetch(cloud.apiUrl + "/accounts/" + id + "/vectorize/v2/indexes" + path, { method: "POST", headers, body });
      if (!response.ok) throw new Error(await response.text());
    };
    await call("", JSON.stringify({ name: "docs", config: { dimensions: 3, metric: "cosine" } }), "application/json");
    for (let n = 0; ; n++) {
      const vectors = [{ id: "v" + n, values: [n, 1, 2] }, { id: "latest", values: [n, 0, 0] }];
      await call("/docs/upsert", vectors.map((one) => JSON.stringify(one)).join("\\n"), "application/x-ndjson");
      console.log(n);
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** The folder of an index. */
function folderOf(directory: string, accountId: string, name: string): string {
  const account = join(directory, "vectorize", accountId);
  return join(account, readdirSync(account).find((folder) => folder.startsWith(`${name}.`)) ?? "");
}

it("loses nothing that was acknowledged when it is killed, and cuts what was not", async () => {
  const directory = temporaryFolder();
  const child = spawnWriter(directory);
  let acknowledged = -1;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    acknowledged = Number(line);
    if (acknowledged === 25) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const { client, accountId: account_id, cloud, api } = await startTestCloud({ directory });
  const [file = ""] = readdirSync(folderOf(directory, account_id, "docs")).filter((name) => name.endsWith(".f32"));
  const path = join(folderOf(directory, account_id, "docs"), file);
  // A row that was being written, and half of another.
  appendFileSync(path, Buffer.alloc(64 + 32, 7));
  const torn = statSync(path).size;

  cloud.clock.advance(60_000);
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
  const { vectorCount = 0 } = (await client.vectorize.indexes.info("docs", { account_id })) ?? {};
  // The last one may have been accepted without a word of it.
  expect([acknowledged + 2, acknowledged + 3]).toContain(vectorCount);
  expect(statSync(path).size).toBeLessThan(torn);
  const { result } = await api<{ vectors: { id: string }[] }>("GET", "/vectorize/v2/indexes/docs/list?count=1000");
  expect(result.vectors.map(({ id }) => id)).toEqual(expect.arrayContaining(ids(acknowledged + 1)));
  const values = (await client.vectorize.indexes.getByIDs("docs", { account_id, ids: ["v13", "latest"] })) as {
    values: number[];
  }[];
  expect(values[0]?.values).toEqual([13, 1, 2]);
  expect(values[1]?.values[0]).toBeGreaterThanOrEqual(acknowledged);
});

it("does after a restart what was waiting, with vectors, metadata and metadata indexes as they were", async () => {
  const directory = temporaryFolder();
  const first = await startTestCloud({ directory, vectorizeDelay: 0 });
  const account_id = first.accountId;
  const indexes = first.client.vectorize.indexes;
  await indexes.create({ account_id, name: "docs", config: { dimensions: 3, metric: "cosine" } });
  await indexes.metadataIndex.create("docs", { account_id, propertyName: "k", indexType: "string" });
  const vector = (id: string, k: string) =>
    new File([JSON.stringify({ id, values: [1, 2, 3], namespace: "n", metadata: { k } })], "v");
  await indexes.upsert("docs", { account_id, body: vector("a", "old") });
  const headers = { authorization: `Bearer ${first.cloud.token}` };
  await fetch(`${first.cloud.url}/_local/vectorize`, {
    method: "POST",
    headers,
    body: JSON.stringify({ delay: "1h" }),
  });
  const { mutationId } = (await indexes.upsert("docs", { account_id, body: vector("b", "new") })) ?? {};
  await first.cloud.close();

  const { client, cloud } = await startTestCloud({ directory });
  const find = async (k: string) => {
    const options = { account_id, vector: [1, 2, 3], filter: { k }, namespace: "n" };
    return (await client.vectorize.indexes.query("docs", options))?.matches?.map(({ id }) => id);
  };
  expect([await find("old"), await find("new")]).toEqual([["a"], []]);
  cloud.clock.advance(3_600_000);
  expect([await find("old"), await find("new")]).toEqual([["a"], ["b"]]);
  expect(await client.vectorize.indexes.info("docs", { account_id })).toMatchObject({
    processedUpToMutation: mutationId,
  });
});

it("names a damaged file and leaves it, and other indexes live on", async () => {
  const directory = temporaryFolder();
  const first = await startTestCloud({ directory, vectorizeDelay: 0 });
  const account_id = first.accountId;
  const body = () => new File([JSON.stringify({ id: "a", values: [1, 2, 3] })], "v");
  const names = ["flipped", "short", "sqlite", "sound"];
  for (const name of names) {
    await first.client.vectorize.indexes.create({ account_id, name, config: { dimensions: 3, metric: "cosine" } });
    await first.client.vectorize.indexes.insert(name, { account_id, body: body() });
  }
  await first.cloud.close();
  const file = (name: string, suffix: string) => {
    const folder = folderOf(directory, account_id, name);
    return join(folder, readdirSync(folder).find((one) => one.endsWith(suffix)) ?? "");
  };
  const bytes = readFileSync(file("flipped", ".f32"));
  bytes[70] = (bytes[70] ?? 0) ^ 1;
  writeFileSync(file("flipped", ".f32"), bytes);
  writeFileSync(file("short", ".f32"), readFileSync(file("short", ".f32")).subarray(0, 80));
  writeFileSync(file("sqlite", ".sqlite"), Buffer.alloc(8192, "x"));

  const terminal = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => terminal.mockRestore());
  const { api, client } = await startTestCloud({ directory });
  for (const [name, suffix] of [
    ["flipped", "vectors-1.f32"],
    ["short", "vectors-1.f32"],
    ["sqlite", "index.sqlite"],
  ]) {
    const { status, errors } = await api("GET", `/vectorize/v2/indexes/${name}/info`);
    expect([status, errors[0]?.message]).toEqual([500, expect.stringMatching(`${name}\\.\\w+/${suffix} is damaged`)]);
  }
  expect(terminal).toHaveBeenCalledTimes(3);
  expect(readFileSync(file("flipped", ".f32")).equals(bytes)).toBe(true);
  expect(await client.vectorize.indexes.info("sound", { account_id })).toMatchObject({ vectorCount: 1 });
  await client.vectorize.indexes.delete("flipped", { account_id });
  await client.vectorize.indexes.create({ account_id, name: "flipped", config: { dimensions: 3, metric: "cosine" } });
  expect(await client.vectorize.indexes.info("flipped", { account_id })).toMatchObject({ vectorCount: 0 });
});
