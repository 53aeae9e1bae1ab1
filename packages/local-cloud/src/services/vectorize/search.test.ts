import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Condition, meets } from "./filter.ts";
import { IndexesOnDisk, type Target } from "./indexes-on-disk.ts";
import type { Scalar } from "./metadata.ts";
import type { Metric } from "./search.ts";

/** Numbers from 0 to 1 that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Vector {
  id: string;
  values: number[];
  namespace?: string;
  metadata: { color: string; size: number };
}

async function startIndex(dimensions: number) {
  const folder = mkdtempSync(join(tmpdir(), "vectors-"));
  const target: Target = { folder, dimensions, now: 0 };
  let indexes = new IndexesOnDisk();
  onTestFinished(() => {
    indexes.closeAll();
    rmSync(folder, { recursive: true, force: true });
  });
  let count = 0;
  const mutation = () => ({ id: `m${++count}`, due: 0 });
  for (const [propertyName, indexType] of [
    ["color", "string"],
    ["size", "number"],
  ] as const)
    indexes.createMetadataIndex(target, { propertyName, indexType }, mutation());
  return {
    folder,
    upsert: (vectors: readonly Vector[]) =>
      indexes.write(
        target,
        Buffer.from(vectors.map((vector) => JSON.stringify(vector)).join("\n")),
        { operation: "upsert", limit: vectors.length, discardUnparsable: false },
        mutation(),
      ),
    remove: (ids: readonly string[]) => indexes.remove(target, ids, mutation()),
    query: (metric: Metric, near: number[], topK: number, namespace: string | undefined, conditions: Condition[]) =>
      indexes.query(target, {
        metric,
        near: Float32Array.from(near),
        topK,
        namespace,
        conditions,
        returnValues: false,
        returnMetadata: "none",
      }),
    get: (ids: readonly string[]) => indexes.get(target, ids),
    reopen() {
      indexes.closeAll();
      indexes = new IndexesOnDisk();
      return indexes.state(target);
    },
  };
}

/** What a search has to find, the slow and obvious way. */
function searchNaively(vectors: Iterable<Vector>, metric: Metric, near: number[]): { id: string; score: number }[] {
  const query = near.map(Math.fround);
  const dot = (left: number[], right: number[]) => left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
  return [...vectors]
    .map(({ id, values: exact }) => {
      const values = exact.map(Math.fround);
      if (metric === "euclidean")
        return { id, score: Math.hypot(...values.map((value, at) => value - (query[at] ?? 0))) };
      if (metric === "dot-product") return { id, score: -dot(values, query) };
      return { id, score: dot(values, query) / Math.sqrt(dot(values, values) * dot(query, query)) };
    })
    .sort((left, right) => (metric === "cosine" ? right.score - left.score : left.score - right.score));
}

it.each<[Metric, number]>([
  ["cosine", 40],
  ["euclidean", 40],
  ["dot-product", 40],
  // By cosine all vectors of one dimension are equal, but for their last bits.
  ["dot-product", 1],
  ["euclidean", 1536],
])(
  "finds by %s in %d dimensions exactly what there is, whatever was written, filtered and deleted",
  async (metric, dimensions) => {
    const random = seeded(dimensions * 31 + metric.length);
    const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
    const index = await startIndex(dimensions);
    const expected = new Map<string, Vector>();
    const values = () => Array.from({ length: dimensions }, () => random() * 2 - 1);
    const rounds = dimensions > 1000 ? 2 : 6;
    for (let round = 0; round < rounds; round++) {
      const batch = Array.from({ length: 150 }, (): Vector => {
        const namespace = pick([undefined, "n1", "n2"]);
        return {
          id: `v${Math.floor(random() * 400)}`,
          values: values(),
          ...(namespace && { namespace }),
          metadata: { color: pick(["red", "green", "blue"]) ?? "", size: Math.floor(random() * 10) },
        };
      });
      await index.upsert(batch);
      for (const vector of batch) {
        // Written anew: it is behind the others among equals.
        expected.delete(vector.id);
        expected.set(vector.id, vector);
      }
      const gone = [...expected.keys()].filter(() => random() < 0.1);
      index.remove(gone);
      for (const id of gone) expected.delete(id);
      if (round === 3) expect(index.reopen()).toMatchObject({ vectorCount: expected.size });
      for (let search = 0; search < 6; search++) {
        const namespace = pick([undefined, "n1", "nowhere"]);
        const conditions = pick<Condition[]>([
          [],
          [{ propertyName: "color", tests: [{ operator: "$in", value: ["red", "blue"] }] }],
          [
            { propertyName: "color", tests: [{ operator: "$ne", value: "red" }] },
            {
              propertyName: "size",
              tests: [
                { operator: "$gte", value: 3 },
                { operator: "$lt", value: 8 },
              ],
            },
          ],
        ]);
        const near = values();
        const candidates = [...expected.values()].filter(
          (vector) =>
            (namespace === undefined || vector.namespace === namespace) &&
            conditions?.every((condition) =>
              meets((vector.metadata as Record<string, Scalar>)[condition.propertyName], condition),
            ),
        );
        const naive = searchNaively(candidates, metric, near).slice(0, 50);
        const found = index.query(metric, near, 50, namespace, conditions ?? []);
        expect(found.map(({ id }) => id)).toEqual(naive.map(({ id }) => id));
        for (const [at, { score }] of found.entries()) expect(score).toBeCloseTo(naive[at]?.score ?? Number.NaN, 6);
      }
    }
  },
);

it("searches with two threads as with one", async () => {
  const random = seeded(7);
  const dimensions = 256;
  const index = await startIndex(dimensions);
  const metadata = { color: "red", size: 1 };
  const vectors = Array.from({ length: 8000 }, (_, at) => ({
    id: `v${at}`,
    values: Array.from({ length: dimensions }, () => Math.round(random() * 2000) / 1000 - 1),
    metadata,
  }));
  await index.upsert(vectors);
  for (let search = 0; search < 3; search++) {
    const near = Array.from({ length: dimensions }, () => random() - 0.5);
    const naive = searchNaively(vectors, "cosine", near).slice(0, 20);
    expect(index.query("cosine", near, 20, undefined, []).map(({ id }) => id)).toEqual(naive.map(({ id }) => id));
  }
});

it("gives back the place of what was replaced", async () => {
  const index = await startIndex(64);
  const metadata = { color: "red", size: 1 };
  const batch = (round: number) =>
    Array.from({ length: 1000 }, (_, at) => ({ id: `v${at}`, values: Array(64).fill(at + round / 100), metadata }));
  const file = () => readdirSync(index.folder).find((name) => name.endsWith(".f32")) ?? "";
  for (let round = 0; round < 8; round++) await index.upsert(batch(round));
  expect(file()).not.toBe("vectors-1.f32");
  expect(statSync(join(index.folder, file())).size).toBeLessThan(4 * 1000 * 256);
  const before = index.get(["v0", "v999"]);
  expect(before.map(({ values }) => values[0])).toEqual([Math.fround(0.07), Math.fround(999.07)]);
  expect(index.reopen()).toMatchObject({ vectorCount: 1000, pendingMutations: 0 });
  expect(index.get(["v0", "v999"])).toEqual(before);
});
