import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { load } from "./load-provider.ts";
import { type MetadataIndex, VectorizeIndex, vectorizeIndexProvider } from "./vectorize-index.ts";

const ROOT = "/client/v4/accounts/a/vectorize/v2/indexes";
const TENANT: MetadataIndex = { propertyName: "tenant", indexType: "string" };
const AGE: MetadataIndex = { propertyName: "age", indexType: "number" };

interface Index {
  config: { dimensions: number; metric: string };
  metadataIndexes: MetadataIndex[];
  vectorCount: number;
}

let indexes: Map<string, Index>;
/** Method and path below the indexes, e.g. `POST /i/metadata_index/create tenant`. */
let calls: string[];
/** Milliseconds until a metadata index is listed. */
let delay: number;
/** The cloud refuses to make this metadata index. */
let refused: string | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  indexes = new Map();
  calls = [];
  delay = 0;
  refused = undefined;
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    const rest = new URL(url).pathname.slice(ROOT.length);
    const json = JSON.parse(body ?? "{}") as MetadataIndex & { name: string; config: Index["config"] }; // sent by the provider
    calls.push(`${method} ${rest} ${json.propertyName ?? ""}`.trim());
    return answer(method, rest, json);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function answer(
  method: string,
  path: string,
  json: MetadataIndex & { name: string; config: Index["config"] },
): Response {
  const ok = (result: unknown) => Response.json({ success: true, result });
  if (method === "POST" && path === "") {
    indexes.set(json.name, { config: json.config, metadataIndexes: [], vectorCount: 0 });
    return ok({ name: json.name });
  }
  const [, name = "", rest] = /^\/([^/]+)(.*)$/.exec(path) ?? [];
  const index = indexes.get(name);
  if (!index) return Response.json({ success: false, errors: [{ code: 3000, message: "not found" }] }, { status: 404 });
  if (method === "DELETE") return ok(indexes.delete(name));
  const change = (...added: MetadataIndex[]) => {
    const apply = () => {
      const others = index.metadataIndexes.filter(({ propertyName }) => propertyName !== json.propertyName);
      index.metadataIndexes = [...others, ...added];
    };
    if (delay === 0) apply();
    else setTimeout(apply, delay);
    return ok({ mutationId: "m" });
  };
  switch (rest) {
    case "":
      return ok({ name, config: index.config });
    case "/info":
      return ok({ vectorCount: index.vectorCount });
    case "/metadata_index/list":
      return ok({ metadataIndexes: index.metadataIndexes });
    case "/metadata_index/delete":
      return change();
    case "/metadata_index/create":
      if (json.propertyName === refused) {
        return Response.json({ success: false, errors: [{ code: 1, message: "refused" }] }, { status: 400 });
      }
      return change({ propertyName: json.propertyName, indexType: json.indexType });
    default:
      throw new Error(`unexpected: ${method} ${path}`);
  }
}

const properties = (...metadataIndexes: MetadataIndex[]) => ({
  accountId: "a",
  indexName: "i",
  dimensions: 768,
  metric: "cosine",
  metadataIndexes,
});
const present = (index: Partial<Index>) =>
  indexes.set("i", {
    config: { dimensions: 768, metric: "cosine" },
    metadataIndexes: [],
    vectorCount: 0,
    ...index,
  });

/** Waits for what pauses in between. */
async function running<T>(work: Promise<T> | undefined): Promise<T> {
  if (!work) throw new Error("the provider has no such method");
  const ended = work.then(
    () => {},
    () => {},
  );
  await Promise.all([ended, vi.advanceTimersByTimeAsync(60_000)]);
  return work;
}

describe("VectorizeIndex", () => {
  it("makes the index with its metadata indexes, and waits until they are there", async () => {
    delay = 2_000;
    const provider = await load(vectorizeIndexProvider);
    const made = await running(provider.create(properties(AGE, TENANT)));
    expect(made).toEqual({ id: "i", outs: properties(AGE, TENANT) });
    expect(calls.at(-1)).toBe("GET /i/metadata_index/list");
    expect(indexes.get("i")?.config).toEqual({ dimensions: 768, metric: "cosine" });
  });

  it("takes over one that an interrupted creation left, and finishes it", async () => {
    present({ metadataIndexes: [AGE] });
    const provider = await load(vectorizeIndexProvider);
    await running(provider.create(properties(AGE, TENANT)));
    expect(calls.filter((call) => call.startsWith("POST"))).toEqual(["POST /i/metadata_index/create tenant"]);
  });

  it.each<[string, Partial<Index>, string]>([
    [
      "other dimensions",
      { config: { dimensions: 1024, metric: "cosine" } },
      "Vectorize index i exists with 1024 dimensions and metric cosine: delete it, or give this one another name",
    ],
    [
      "vectors that a new metadata index would not know",
      { vectorCount: 3 },
      "exists with vectors that no filter would",
    ],
  ])("refuses one of the same name with %s", async (_, index, message) => {
    present(index);
    const provider = await load(vectorizeIndexProvider);
    await expect(running(provider.create(properties(TENANT)))).rejects.toThrow(message);
    expect(calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
  });

  it("tells what was made before a metadata index that is refused", async () => {
    refused = "tenant";
    const provider = await load(vectorizeIndexProvider);
    await expect(running(provider.create(properties(AGE, TENANT)))).rejects.toMatchObject({
      message: "Vectorize index i: refused (code 1)",
      id: "i",
      properties: properties(AGE),
    });
  });

  it("does not wait for ever", async () => {
    delay = 1_000_000;
    const provider = await load(vectorizeIndexProvider);
    await expect(running(provider.create(properties(TENANT)))).rejects.toThrow("have not changed yet; run again later");
  });

  it("adds and removes metadata indexes in place, and makes one of another type anew", async () => {
    present({ metadataIndexes: [AGE, { propertyName: "old", indexType: "string" }] });
    delay = 200;
    const provider = await load(vectorizeIndexProvider);
    const news = properties({ ...AGE, indexType: "string" }, TENANT);
    await running(provider.update?.("i", properties(AGE), news));
    expect(indexes.get("i")?.metadataIndexes).toEqual(news.metadataIndexes);
  });

  it.each<[string, object, object]>([
    ["nothing", {}, { changes: false, replaces: [], deleteBeforeReplace: false }],
    ["the order of the metadata indexes", { metadataIndexes: [TENANT, AGE] }, { changes: false, replaces: [] }],
    ["a metadata index", { metadataIndexes: [AGE] }, { changes: true, replaces: [] }],
    ["a type", { metadataIndexes: [AGE, { ...TENANT, indexType: "number" }] }, { changes: true, replaces: [] }],
    [
      "the dimensions, and with them the name",
      { dimensions: 1024, indexName: "j" },
      { changes: true, replaces: ["indexName", "dimensions"], deleteBeforeReplace: false },
    ],
    [
      "the metric under the same name",
      { metric: "euclidean" },
      { changes: true, replaces: ["metric"], deleteBeforeReplace: true },
    ],
  ])("changed %s", async (_, change, expected) => {
    const provider = await load(vectorizeIndexProvider);
    const olds = properties(AGE, TENANT);
    expect(await provider.diff?.("i", olds, { ...olds, ...change })).toMatchObject(expected);
  });

  it("sees on a refresh what was changed by hand, and the next update puts it back", async () => {
    present({ metadataIndexes: [TENANT] });
    const provider = await load(vectorizeIndexProvider);
    expect((await provider.read?.("i", properties(TENANT)))?.inputs).toEqual(properties(TENANT));
    const observed = await provider.read?.("i", properties(AGE, TENANT));
    expect(observed?.inputs).toEqual(properties(TENANT));
    expect(await provider.diff?.("i", observed?.props, properties(AGE, TENANT))).toMatchObject({ changes: true });
    indexes.clear();
    expect(await provider.read?.("i", properties(TENANT))).toEqual({ id: "", props: {} });
  });

  it("goes, also when it is gone", async () => {
    present({});
    const provider = await load(vectorizeIndexProvider);
    await provider.delete?.("i", properties());
    expect(indexes.size).toBe(0);
    await expect(provider.delete?.("i", properties())).resolves.toBeUndefined();
  });

  it.each<[object, string]>([
    [{ dimensions: 2000 }, "Vectorize index x: 2000 dimensions, allowed are 1 to 1536"],
    [{ dimensions: 0.5 }, "Vectorize index x: 0.5 dimensions"],
    [{ metadataIndexes: [TENANT, TENANT] }, "Vectorize index x: metadata index tenant is there twice"],
    [
      { metadataIndexes: Array.from({ length: 11 }, (_, n) => ({ ...TENANT, propertyName: `p${n}` })) },
      "Vectorize index x: 11 metadata indexes, allowed are 10",
    ],
  ])("stops the preview at %j", (change, message) => {
    const wanted = { accountId: "a", indexName: "i", dimensions: 768, metric: "cosine", ...change } as const;
    expect(() => new VectorizeIndex("x", wanted)).toThrow(message);
  });
});
