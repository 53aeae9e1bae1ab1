import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";

let cloud: TestCloud;
let account_id: string;
let number = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.setFaults();
  await local("", { method: "POST", body: JSON.stringify({ delay: 0 }) });
});

const indexes = () => cloud.client.vectorize.indexes;
const refusal = (status: number, code: number, message = "") => ({
  status,
  errors: [{ code, message: expect.stringContaining(message) as unknown }],
});

async function local(path: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${cloud.cloud.url}/_local/vectorize${path}`, { headers: cloud.authorization, ...init });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A new index of three dimensions. */
async function newIndex(metric: "cosine" | "euclidean" | "dot-product" = "cosine"): Promise<string> {
  const name = `index-${++number}`;
  await indexes().create({ account_id, name, config: { dimensions: 3, metric } });
  return name;
}

const ndjson = (...vectors: unknown[]) => new File([vectors.map((one) => JSON.stringify(one)).join("\n")], "v.ndjson");
const insert = (name: string, ...vectors: unknown[]) =>
  indexes().insert(name, { account_id, body: ndjson(...vectors) });
const upsert = (name: string, ...vectors: unknown[]) =>
  indexes().upsert(name, { account_id, body: ndjson(...vectors) });

/** A query over REST with everything that the SDK's types leave out. */
async function query(
  name: string,
  body: object,
  status = 200,
): Promise<{ id: string; score: number; [field: string]: unknown }[]> {
  const response = await fetch(`${cloud.api}/vectorize/v2/indexes/${name}/query`, {
    method: "POST",
    headers: cloud.authorization,
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    result: { matches: { id: string; score: number }[] } | null;
    errors: unknown;
  };
  expect([response.status, answer.errors]).toEqual([status, status === 200 ? [] : expect.anything()]);
  return answer.result?.matches ?? [];
}
const idsOf = (matches: { id: string }[]) => matches.map(({ id }) => id);

describe("indexes", () => {
  it("are made, listed, read and deleted", async () => {
    const made = await indexes().create({ account_id, name: "docs", config: { dimensions: 768, metric: "euclidean" } });
    expect(made).toEqual({
      name: "docs",
      description: "",
      config: { dimensions: 768, metric: "euclidean" },
      created_on: expect.stringMatching(/^\d{4}-.*Z$/),
      modified_on: expect.any(String),
    });
    expect(await indexes().get("docs", { account_id })).toEqual(made);
    const listed: unknown[] = [];
    for await (const index of indexes().list({ account_id })) listed.push(index);
    expect(listed).toContainEqual(made);
    expect(await indexes().info("docs", { account_id })).toEqual({
      vectorCount: 0,
      dimensions: 768,
      processedUpToDatetime: null,
      processedUpToMutation: null,
    });
    await indexes().delete("docs", { account_id });
    await expect(indexes().get("docs", { account_id })).rejects.toMatchObject(refusal(404, 3000));
    await expect(indexes().delete("docs", { account_id })).rejects.toMatchObject(refusal(404, 3000));
    const changes = cloud.cloud.activity.recent().filter((one) => one.type === "change" && one.resource === "docs");
    expect(changes).toMatchObject([{ action: "create" }, { action: "delete" }]);
  });

  it("take their dimensions and metric from a preset", async () => {
    const config = { preset: "@cf/baai/bge-small-en-v1.5" as const };
    expect(await indexes().create({ account_id, name: "preset", config })).toMatchObject({
      config: { dimensions: 384, metric: "cosine" },
    });
  });

  it.each<[string, object, number, string]>([
    ["0 dimensions", { name: "x", config: { dimensions: 0, metric: "cosine" } }, 1004, "dimensions"],
    ["1537 dimensions", { name: "x", config: { dimensions: 1537, metric: "cosine" } }, 1004, "1536"],
    [
      "an unknown metric",
      { name: "x", config: { dimensions: 3, metric: "manhattan" } },
      1004,
      "cosine, euclidean, dot-product",
    ],
    ["an unknown preset", { name: "x", config: { preset: "x" } }, 1004, "or {preset}: "],
    ["a name with a slash", { name: "../x", config: { dimensions: 3, metric: "cosine" } }, 1004, "name"],
    ["a name of 65 bytes", { name: "x".repeat(65), config: { dimensions: 3, metric: "cosine" } }, 1004, "64 bytes"],
    ["no config", { name: "x" }, 1004, "config"],
  ])("refuse %s", async (_, body, code, message) => {
    await expect(indexes().create({ account_id, ...body } as never)).rejects.toMatchObject(refusal(400, code, message));
  });

  it("refuse a name that is taken, and as many as the plan has not", async () => {
    const name = await newIndex();
    const config = { dimensions: 3, metric: "cosine" } as const;
    await expect(indexes().create({ account_id, name, config })).rejects.toMatchObject(refusal(400, 3002, name));
    const free = cloud.cloud.account({ name: "free", plan: "free" });
    const make = (index: number) => indexes().create({ account_id: free.id, name: `i${index}`, config });
    for (let index = 0; index < 100; index++) await make(index);
    await expect(make(100)).rejects.toMatchObject(refusal(400, 3003, "100"));
  });

  it("have up to ten metadata indexes", async () => {
    const name = await newIndex();
    const { metadataIndex } = indexes();
    for (let index = 0; index < 10; index++)
      await metadataIndex.create(name, { account_id, propertyName: `p${index}`, indexType: "string" });
    await metadataIndex.create(name, { account_id, propertyName: "p0", indexType: "string" });
    const one = { account_id, propertyName: "more", indexType: "number" } as const;
    await expect(metadataIndex.create(name, one)).rejects.toMatchObject(refusal(400, 40030));
    await metadataIndex.delete(name, { account_id, propertyName: "p3" });
    expect(await metadataIndex.create(name, one)).toEqual({ mutationId: expect.any(String) });
    const { metadataIndexes } = (await metadataIndex.list(name, { account_id })) ?? {};
    expect(metadataIndexes).toHaveLength(10);
    expect(metadataIndexes).toContainEqual({ propertyName: "more", indexType: "number" });
    const wrong = { account_id, propertyName: "date", indexType: "date" as never };
    await expect(metadataIndex.create(name, wrong)).rejects.toMatchObject(refusal(400, 40026, "indexType"));
  });
});

describe("writes", () => {
  it("insert what is new and upsert whole vectors", async () => {
    const name = await newIndex();
    await insert(
      name,
      { id: "a", values: [1, 0, 0], metadata: { v: 1 } },
      { id: "b", values: [0, 1, 0], namespace: "n" },
    );
    await insert(name, { id: "a", values: [0, 0, 1] }, { id: "c", values: [0, 0, 1] });
    await upsert(name, { id: "b", values: [0, 0.5, 0], metadata: { v: 2 } });
    expect(await indexes().getByIDs(name, { account_id, ids: ["c", "nobody", "b", "a"] })).toEqual([
      { id: "c", values: [0, 0, 1] },
      { id: "b", values: [0, 0.5, 0], metadata: { v: 2 } },
      { id: "a", values: [1, 0, 0], metadata: { v: 1 } },
    ]);
    const { mutationId } = (await indexes().deleteByIDs(name, { account_id, ids: ["a", "nobody"] })) ?? {};
    expect(await indexes().info(name, { account_id })).toMatchObject({
      vectorCount: 2,
      processedUpToMutation: mutationId,
    });
    expect(await indexes().getByIDs(name, { account_id, ids: ["a"] })).toEqual([]);
  });

  const good = { id: "good", values: [1, 2, 3] };
  it.each<[string, unknown, number, string]>([
    [
      "a wrong dimension",
      { id: "x", values: [1, 2] },
      40012,
      'invalid vector for id="x", expected 3 dimensions, and got 2',
    ],
    ["NaN and Infinity", { id: "x", values: [1, Number.NaN, 3] }, 40023, "line 2: values[1] is null, not a number"],
    ["a number that is a text", { id: "x", values: [1, "2", 3] }, 40023, 'line 2: values[1] is "2"'],
    ["a number beyond 32 bits", { id: "x", values: [1, 1e39, 3] }, 40012, "values[1]"],
    ["an id of 65 bytes", { id: "ü".repeat(33), values: [1, 2, 3] }, 40008, "max is 64 bytes, got 66 bytes"],
    ["no id", { values: [1, 2, 3] }, 40023, "line 2: id"],
    ["an id that is a number", { id: 7, values: [1, 2, 3] }, 40023, "line 2: id"],
    ["an empty id", { id: "", values: [1, 2, 3] }, 40023, "line 2: id"],
    ["no values", { id: "x" }, 40023, "line 2: values"],
    ["metadata above 10 KiB", { ...good, metadata: { t: "x".repeat(10_233) } }, 40016, "10240 bytes, got 10241 bytes"],
    ["metadata that is no object", { ...good, metadata: "x" }, 40023, "line 2: metadata"],
    ["a metadata key with a dot", { ...good, metadata: { a: { "b.c": 1 } } }, 40018, "b.c"],
    ["a namespace of 65 bytes", { ...good, namespace: "n".repeat(65) }, 40009, "got 65 bytes"],
    ["half of a character", { ...good, metadata: { t: "\ud835" } }, 40023, "half of a character"],
  ])("refuse %s, and all that came with it", async (_, vector, code, message) => {
    const name = await newIndex();
    await expect(upsert(name, good, vector, good)).rejects.toMatchObject(refusal(400, code, message));
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 0, processedUpToMutation: null });
  });

  it("name the line that is no JSON, or leave it out on demand", async () => {
    const name = await newIndex();
    const body = new File(
      [`${JSON.stringify(good)}\n\n{"id": "x", \n${JSON.stringify({ ...good, id: "last" })}\n`],
      "v",
    );
    await expect(indexes().insert(name, { account_id, body })).rejects.toMatchObject(refusal(400, 40023, "line 3"));
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 0 });
    await indexes().insert(name, { account_id, body, "unparsable-behavior": "discard" });
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 2 });
  });

  it("take 5000 vectors over HTTP and no more, and none of an empty body", async () => {
    const name = await newIndex();
    const many = Array.from({ length: 5001 }, (_, index) => ({ id: `v${index}`, values: [index, 1, 0] }));
    await expect(insert(name, ...many)).rejects.toMatchObject(refusal(400, 40006, "max count is 5000, got 5001"));
    await insert(name, ...many.slice(1));
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 5000 });
    await expect(insert(name)).rejects.toMatchObject(refusal(400, 40023, "no vector"));
  });

  it("come as a form's part, and in no other type", async () => {
    const name = await newIndex();
    const send = (body: BodyInit, headers: Record<string, string> = {}) =>
      fetch(`${cloud.api}/vectorize/v2/indexes/${name}/insert`, {
        method: "POST",
        headers: { ...cloud.authorization, ...headers },
        body,
      });
    const form = new FormData();
    form.set("vectors", ndjson(good));
    expect((await send(form)).status).toBe(200);
    const empty = new FormData();
    empty.set("other", "x");
    for (const answer of [await send(empty), await send("{}", { "content-type": "application/json" })])
      expect([answer.status, await answer.json()]).toEqual([
        400,
        expect.objectContaining({ errors: [expect.objectContaining({ code: 1005 })] }),
      ]);
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 1 });
  });

  it("take 20 ids to get and 100 to delete", async () => {
    const name = await newIndex();
    const ids = (count: number) => ({ account_id, ids: Array.from({ length: count }, (_, index) => `v${index}`) });
    expect(await indexes().getByIDs(name, ids(20))).toEqual([]);
    await expect(indexes().getByIDs(name, ids(21))).rejects.toMatchObject(refusal(400, 40007, "is 20, got 21"));
    await indexes().deleteByIDs(name, ids(100));
    await expect(indexes().deleteByIDs(name, ids(101))).rejects.toMatchObject(refusal(400, 40007, "is 100, got 101"));
    await expect(indexes().getByIDs(name, { account_id, ids: "a" as never })).rejects.toMatchObject(
      refusal(400, 40026, "ids"),
    );
  });
});

describe("mutations", () => {
  it("are done in order, once their time has come", async () => {
    const name = await newIndex();
    await local("", { method: "POST", body: JSON.stringify({ delay: "1h" }) });
    const first = await insert(name, { id: "a", values: [1, 0, 0] });
    await cloud.setFaults({ service: "vectorize", kind: "slow", ms: 3_600_000, count: 1, target: name });
    const second = await upsert(name, { id: "a", values: [0, 1, 0] });
    await local("", { method: "POST", body: JSON.stringify({ delay: "0s" }) });
    const third = await indexes().deleteByIDs(name, { account_id, ids: ["b"] });
    const info = () => indexes().info(name, { account_id });
    expect(await info()).toMatchObject({ vectorCount: 0, processedUpToMutation: null, processedUpToDatetime: null });
    const accepted = cloud.cloud.clock.now();

    cloud.cloud.clock.advance(3_600_000);
    expect(await info()).toMatchObject({ vectorCount: 1, processedUpToMutation: first?.mutationId });
    const { processedUpToDatetime } = (await info()) ?? {};
    const done = Date.parse(String(processedUpToDatetime));
    expect(done).toBeGreaterThan(accepted);
    expect(done).toBeLessThanOrEqual(cloud.cloud.clock.now());
    expect(idsOf(await query(name, { vector: [1, 0, 0] }))).toEqual(["a"]);

    // The third could be done at once, but waits for the second.
    cloud.cloud.clock.advance(3_600_000);
    expect(await info()).toMatchObject({ processedUpToMutation: third?.mutationId });
    expect(second?.mutationId).not.toBe(third?.mutationId);
    expect(await indexes().getByIDs(name, { account_id, ids: ["a"] })).toEqual([{ id: "a", values: [0, 1, 0] }]);
  });

  it("are done by themselves after a while", async () => {
    const name = await newIndex();
    expect(await local("", { method: "POST", body: JSON.stringify({ delay: "50ms" }) })).toMatchObject({
      body: { delay: 50 },
    });
    const { mutationId } = (await insert(name, { id: "a", values: [1, 0, 0] })) ?? {};
    await vi.waitFor(
      async () =>
        expect(await indexes().info(name, { account_id })).toMatchObject({ processedUpToMutation: mutationId }),
      30_000,
    );
  });

  it("fail as a fault says, and only the index it is for", async () => {
    const [name, other] = [await newIndex(), await newIndex()];
    await cloud.setFaults({ service: "vectorize", kind: "fail", target: name, status: 429, code: 40041, count: 1 });
    await insert(other, { id: "a", values: [1, 0, 0] });
    await expect(insert(name, { id: "a", values: [1, 0, 0] })).rejects.toMatchObject(refusal(429, 40041));
    await insert(name, { id: "a", values: [1, 0, 0] });
    expect(await indexes().info(name, { account_id })).toMatchObject({ vectorCount: 1 });
  });
});

describe("queries", () => {
  const corners = [
    { id: "x", values: [2, 0, 0] },
    { id: "xy", values: [1, 1, 0] },
    { id: "-x", values: [-1, 0, 0] },
    { id: "0", values: [0, 0, 0] },
  ];

  it.each([
    ["cosine", ["x", "xy", "0", "-x"], [1, Math.SQRT1_2, 0, -1]],
    ["euclidean", ["x", "xy", "0", "-x"], [1, Math.sqrt(5), 3, 4]],
    ["dot-product", ["x", "xy", "0", "-x"], [-6, -3, 0, 3]],
  ] as const)("rank by %s", async (metric, ids, scores) => {
    const name = await newIndex(metric);
    await insert(name, ...corners);
    const matches = await query(name, { vector: [3, 0, 0] });
    expect(idsOf(matches)).toEqual(ids);
    for (const [index, { score }] of matches.entries()) expect(score).toBeCloseTo(scores[index] ?? Number.NaN, 6);
  });

  it("answer values, metadata and namespaces as asked for", async () => {
    const name = await newIndex();
    await indexes().metadataIndex.create(name, { account_id, propertyName: "a.b", indexType: "number" });
    const metadata = { a: { b: 7, c: 8 }, d: "text" };
    await insert(name, { id: "v", values: [0.1, 0.2, 0.3], namespace: "n", metadata });
    const vector = [1, 1, 1];
    expect(await query(name, { vector })).toEqual([{ id: "v", score: expect.any(Number), namespace: "n" }]);
    expect((await query(name, { vector, returnMetadata: "indexed" }))[0]?.["metadata"]).toEqual({ a: { b: 7 } });
    const [all] = await query(name, { vector, returnMetadata: "all", returnValues: true });
    expect(all?.["metadata"]).toEqual(metadata);
    expect(all?.["values"]).toEqual([0.1, 0.2, 0.3].map(Math.fround));
  });

  it("search by the identifier of a vector, and find nothing near one that is not there", async () => {
    const name = await newIndex();
    await insert(name, ...corners);
    expect(idsOf(await query(name, { vectorId: "xy", topK: 2 }))).toEqual(["xy", "x"]);
    expect(await query(name, { vectorId: "nobody" })).toEqual([]);
  });

  it("keep the order of writing among equals", async () => {
    const name = await newIndex();
    await insert(name, ...["c", "a", "b", "d", "e", "f", "g"].map((id) => ({ id, values: [1, 1, 1] })));
    expect(idsOf(await query(name, { vector: [1, 1, 1] }))).toEqual(["c", "a", "b", "d", "e"]);
  });

  it("filter by what was written after its metadata index", async () => {
    const name = await newIndex();
    const vector = [1, 0, 0];
    const find = async (filter: object, namespace?: string) =>
      idsOf(await query(name, { vector, filter, topK: 100, namespace })).sort();
    const { metadataIndex } = indexes();
    await insert(name, { id: "early", values: vector, metadata: { color: "red" } });
    await metadataIndex.create(name, { account_id, propertyName: "color", indexType: "string" });
    await insert(
      name,
      { id: "red", values: vector, metadata: { color: "red", size: 1 } },
      { id: "blue", values: vector, metadata: { color: "blue", size: 2 }, namespace: "n" },
      { id: "wrong type", values: vector, metadata: { color: 7 } },
    );
    expect(await find({ color: "red" })).toEqual(["red"]);
    expect(await find({ color: { $in: ["red", "blue"] } }, "n")).toEqual(["blue"]);
    expect(await find({ color: { $ne: "red" } })).toEqual(["blue", "early", "wrong type"]);
    // No error: a property without a metadata index is one that no vector has.
    expect(await find({ size: 1 })).toEqual([]);
    expect(await find({ size: { $ne: 1 } })).toHaveLength(4);
    await upsert(name, { id: "early", values: vector, metadata: { color: "red" } });
    expect(await find({ color: "red" })).toEqual(["early", "red"]);
    await metadataIndex.delete(name, { account_id, propertyName: "color" });
    await metadataIndex.create(name, { account_id, propertyName: "color", indexType: "string" });
    expect(await find({ color: "red" })).toEqual([]);
  });

  it.each<[string, object, number, string]>([
    [
      "a wrong dimension",
      { vector: [1, 2] },
      40006,
      "invalid query vector, expected 3 dimensions, and got 2 dimensions",
    ],
    ["neither vector nor id", {}, 40026, "vector"],
    ["both", { vector: [1, 2, 3], vectorId: "a" }, 40026, "exclude"],
    ["null among the numbers", { vector: [1, null, 3] }, 40026, "vector.1"],
    ["a topK of 101", { vector: [1, 2, 3], topK: 101 }, 40011, "max top K is 100, but got 101"],
    ["a topK of 0", { vector: [1, 2, 3], topK: 0 }, 40026, "topK"],
    [
      "a topK of 51 with values",
      { vector: [1, 2, 3], topK: 51, returnValues: true },
      40025,
      "max top K is 50, but got 51",
    ],
    [
      "a topK of 51 with metadata",
      { vector: [1, 2, 3], topK: 51, returnMetadata: "all" },
      40025,
      "returnMetadata=indexed",
    ],
    ["a boolean for returnMetadata", { vector: [1, 2, 3], returnMetadata: true }, 40026, "returnMetadata"],
    ["a namespace of 65 bytes", { vector: [1, 2, 3], namespace: "n".repeat(65) }, 40009, "got 65 bytes"],
    [
      "a filter of 2048 bytes",
      { vector: [1, 2, 3], filter: { a: "x".repeat(2040) } },
      40026,
      "shorter than 2048 bytes, got 2048",
    ],
    ["a filter that is a list", { vector: [1, 2, 3], filter: [] }, 40026, "filter: expected an object"],
  ])("refuse %s", async (_, body, code, message) => {
    const name = await newIndex();
    const response = await fetch(`${cloud.api}/vectorize/v2/indexes/${name}/query`, {
      method: "POST",
      headers: cloud.authorization,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ code, message: expect.stringContaining(message) as unknown }],
    });
  });

  it("list identifiers as they were at the first page", async () => {
    const name = await newIndex();
    const ids = Array.from({ length: 25 }, (_, index) => `v${index}`);
    await insert(name, ...ids.map((id) => ({ id, values: [1, 2, 3] })));
    const first = await indexes().listVectors(name, { account_id, count: 10 });
    expect(first).toMatchObject({
      count: 10,
      totalCount: 25,
      isTruncated: true,
      cursorExpirationTimestamp: expect.any(String),
    });
    await indexes().deleteByIDs(name, { account_id, ids: ["v12"] });
    await insert(name, { id: "new", values: [1, 2, 3] });
    const listed = first?.vectors.map(({ id }) => id) ?? [];
    let cursor = first?.nextCursor;
    while (cursor) {
      const page = await indexes().listVectors(name, { account_id, count: 10, cursor });
      listed.push(...(page?.vectors ?? []).map(({ id }) => id));
      cursor = page?.nextCursor;
    }
    expect(listed).toEqual(ids);
    await expect(indexes().listVectors(name, { account_id, cursor: "1.x" })).rejects.toMatchObject({ status: 400 });
    cloud.cloud.clock.advance(2 * 3_600_000);
    await expect(indexes().listVectors(name, { account_id, cursor: first?.nextCursor ?? "" })).rejects.toMatchObject(
      refusal(400, 40026, "cursor"),
    );
  });
});

describe("accounts", () => {
  it("do not see each other's indexes, and a reset empties one only", async () => {
    const other = cloud.cloud.account({ name: "other", plan: "paid" }).id;
    const config = { dimensions: 3, metric: "cosine" } as const;
    for (const account of [account_id, other]) {
      await indexes().create({ account_id: account, name: "shared", config });
      await indexes().insert("shared", { account_id: account, body: ndjson({ id: account, values: [1, 0, 0] }) });
    }
    const ids = async (account: string) =>
      (await indexes().query("shared", { account_id: account, vector: [1, 0, 0] }))?.matches?.map(({ id }) => id);
    expect([await ids(account_id), await ids(other)]).toEqual([[account_id], [other]]);
    const reset = { method: "POST", headers: cloud.authorization, body: JSON.stringify({ account: other }) };
    expect((await fetch(`${cloud.cloud.url}/_local/reset`, reset)).status).toBe(200);
    await expect(ids(other)).rejects.toMatchObject({ status: 404 });
    expect(await ids(account_id)).toEqual([account_id]);
    await indexes().create({ account_id: other, name: "shared", config });
    expect(await ids(other)).toEqual([]);
  });
});

describe("for people", () => {
  it("shows indexes, vectors and queries, also by text", async () => {
    const name = `texts-${++number}`;
    await indexes().create({ account_id, name, config: { preset: "@cf/baai/bge-base-en-v1.5" } });
    await indexes().metadataIndex.create(name, { account_id, propertyName: "k", indexType: "string" });
    const embed = async (text: string) => {
      const answer = (await cloud.client.ai.run("@cf/baai/bge-base-en-v1.5", { account_id, text })) as {
        data?: number[][];
      };
      return answer.data?.[0];
    };
    for (const text of ["the cat sat on the mat", "interest rates rose again"])
      await insert(name, { id: text, values: await embed(text), namespace: "n", metadata: { k: "v" } });
    const at = `account=${account_id}&index=${name}`;
    const { body } = await local(`?account=${account_id}`);
    expect(body["indexes"]).toContainEqual(
      expect.objectContaining({
        name,
        dimensions: 768,
        metric: "cosine",
        vectorCount: 2,
        pendingMutations: 0,
        metadataIndexes: [{ propertyName: "k", indexType: "string" }],
      }),
    );
    expect((await local(`/vectors?${at}&namespace=n&limit=1`)).body).toEqual({
      vectors: [{ id: "the cat sat on the mat", namespace: "n", metadata: { k: "v" } }],
    });
    const asked = await local(`/query?${at}`, {
      method: "POST",
      body: JSON.stringify({ text: "a cat on a mat", topK: 1 }),
    });
    expect(asked.body).toMatchObject({ count: 1, matches: [{ id: "the cat sat on the mat" }] });
    expect((await local(`/query?${at}`, { method: "POST", body: JSON.stringify({ vector: [1] }) })).status).toBe(400);
    expect((await local("", { method: "POST", body: JSON.stringify({ delay: "soon" }) })).status).toBe(400);
    expect((await local(`?account=${account_id}`, { headers: {} })).status).toBe(401);
  });
});
