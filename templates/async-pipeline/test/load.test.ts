import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { BatchStore } from "../src/adapters/batch-store.ts";
import { loadTarget } from "../src/adapters/load-target.ts";
import { PartStore } from "../src/adapters/part-store.ts";
import { sourceKey } from "../src/adapters/source-store.ts";
import type { LoadTarget } from "../src/domain/ingest/load-target.ts";
import type { IngestLimits } from "../src/domain/ingest/source-entry.ts";
import { type LoadJob, loadBatch } from "../src/load-batch.ts";

const LIMITS: IngestLimits = {
  maxItemBytes: 100_000,
  maxItems: 5_000,
  maxSourceBytes: 1_000_000,
  maxDocumentBytes: 100_000,
  maxHeaderBytes: 1_000,
  maxColumns: 10,
};
const FORMATS = { csv: "csv", ndjson: "ndjson", json: "json" } as const;
let made = 0;

beforeAll(() => applyD1Migrations(env.DB, env.TEST_MIGRATIONS));

/** A batch in `loading` with this source in R2, and what loads it. */
async function batchOf(content: string | null, format: keyof typeof FORMATS, more: Partial<LoadJob> = {}) {
  const id = `batch_load_${made++}`;
  const tenant = "default";
  await new BatchStore(env.DB).create({
    id,
    tenant,
    pipeline: "any",
    options: "{}",
    status: "loading",
    source: "{}",
    idempotency_key: null,
    request_hash: "",
    webhook_url: null,
    agent_job: null,
    created_at: 1,
    retention_ms: 1_000,
  });
  if (content !== null) await env.FILES.put(sourceKey({ id, tenant }), content, { customMetadata: { format } });
  let woken = 0;
  const target = loadTarget(env.DB, { id, tenant }, { now: () => 2, onLoaded: async () => void woken++ });
  const job: LoadJob = {
    batchId: id,
    sourceKey: sourceKey({ id, tenant }),
    fileUrl: null,
    checkItem: (value) =>
      typeof value === "object" && value !== null && "text" in value
        ? { ok: true, value }
        : { ok: false, message: '"text" is missing' },
    limits: LIMITS,
    fetchTimeoutMs: 1_000,
    allowedHosts: ["127.0.0.1"],
    lastAttempt: false,
    ...more,
  };
  return { id, job, target, load: (use: LoadTarget = target) => loadBatch(env.FILES, use, job), woken: () => woken };
}

const statusOf = (id: string) => new BatchStore(env.DB).find(id);

interface Row {
  position: number;
  line: number | null;
  status: string;
  step: string | null;
  reason: string | null;
  message: string | null;
  payload_key: string | null;
  payload_offset: number | null;
  payload_length: number | null;
}

async function rowsOf(id: string): Promise<Row[]> {
  const { results } = await env.DB.prepare("SELECT * FROM items WHERE batch_id = ?1 ORDER BY position")
    .bind(id)
    .all<Row>();
  return results;
}

/** The payloads that a batch's rows point at. */
async function payloadsOf(rows: readonly Row[]): Promise<unknown[]> {
  const places = rows.flatMap(({ payload_key: key, payload_offset: offset, payload_length: length }) =>
    key !== null && offset !== null && length !== null ? [{ key, offset, length }] : [],
  );
  return new PartStore(env.FILES).read(places);
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ text: `item ${i}` })).join("\n");
const texts = (count: number) => Array.from({ length: count }, (_, i) => ({ text: `item ${i}` }));

describe("loading a batch", () => {
  it("makes each item a row that points at its payload, and sets the batch running", async () => {
    const batch = await batchOf(lines(1_201), "ndjson");
    expect(await batch.load()).toBe("loaded");
    const rows = await rowsOf(batch.id);
    expect(rows.map((row) => row.position)).toEqual(Array.from({ length: 1_201 }, (_, i) => i));
    expect(await payloadsOf(rows)).toEqual(texts(1_201));
    expect(await statusOf(batch.id)).toMatchObject({ status: "running", total: 1_201, waiting: 1_201, dead: 0 });
    expect(batch.woken()).toBe(1);
  });

  it("makes bad rows dead items with line and reason, and loads the rest", async () => {
    const batch = await batchOf('text,id\none,1\ntwo\n"three,3\nfour,4\n,5\n', "csv");
    expect(await batch.load()).toBe("loaded");
    const rows = await rowsOf(batch.id);
    expect(rows).toMatchObject([
      { line: 2, status: "waiting" },
      { line: 3, status: "dead", step: "load", reason: "ragged_row", message: "1 cell where the header has 2 columns" },
      { line: 4, status: "dead", step: "load", reason: "broken_quote" },
      { line: 5, status: "waiting" },
      { line: 6, status: "dead", step: "load", reason: "invalid_item", message: '"text" is missing' },
    ]);
    expect(await payloadsOf(rows)).toEqual([
      { text: "one", id: "1" },
      { text: "four", id: "4" },
    ]);
  });

  it("ends a batch of which no item is any good", async () => {
    const batch = await batchOf("1\n2\n", "ndjson");
    expect(await batch.load()).toBe("loaded");
    expect(await statusOf(batch.id)).toMatchObject({ status: "done", total: 2, dead: 2 });
  });

  it.each([
    ["before it writes a part", "insertPart", false],
    ["after it wrote a part", "insertPart", true],
    ["before it says that it is done", "finish", false],
    ["after it said that it is done", "finish", true],
  ] as const)("that dies %s is made up for by the next call", async (_, method, after) => {
    const batch = await batchOf(lines(1_201), "ndjson");
    let calls = 0;
    const dying: LoadTarget = {
      ...batch.target,
      async insertPart(part) {
        return method === "insertPart" ? dies(() => batch.target.insertPart(part)) : batch.target.insertPart(part);
      },
      finish: (total) => (method === "finish" ? dies(() => batch.target.finish(total)) : batch.target.finish(total)),
    };
    /** Dies at its second call for a part, its first for the end. */
    async function dies<T>(act: () => Promise<T>): Promise<T> {
      const now = ++calls === (method === "finish" ? 1 : 2);
      if (now && !after) throw new Error("killed");
      const result = await act();
      if (now) throw new Error("killed");
      return result;
    }
    await expect(batch.load(dying)).rejects.toThrow("killed");
    expect(await batch.load()).toBe("loaded");
    const rows = await rowsOf(batch.id);
    expect(await payloadsOf(rows)).toEqual(texts(1_201));
    expect(await statusOf(batch.id)).toMatchObject({ status: "running", total: 1_201 });
  });

  it("begins where it stopped, not at the beginning", async () => {
    const batch = await batchOf(lines(1_201), "ndjson", { maxParts: 1 });
    let checked = 0;
    const job = { ...batch.job, checkItem: (value: unknown) => ({ ok: true, value, ...{ at: checked++ } }) as const };
    const outcomes = [];
    for (let call = 0; call < 3; call++) outcomes.push(await loadBatch(env.FILES, batch.target, job));
    expect(outcomes).toEqual(["unfinished", "unfinished", "loaded"]);
    expect(checked).toBe(1_201);
    expect(await payloadsOf(await rowsOf(batch.id))).toEqual(texts(1_201));
  });

  it("that runs twice at once loads each item once", async () => {
    const batch = await batchOf(lines(1_201), "ndjson");
    expect(await Promise.all([batch.load(), batch.load()])).toContain("loaded");
    const rows = await rowsOf(batch.id);
    expect(await payloadsOf(rows)).toEqual(texts(1_201));
    expect(await statusOf(batch.id)).toMatchObject({ status: "running", total: 1_201 });
  });

  it("that runs twice with a changed pipeline in between leaves every row with its own payload", async () => {
    const batch = await batchOf(lines(1_201), "ndjson");
    const stopped: LoadTarget = {
      ...batch.target,
      async insertPart(part) {
        await batch.target.insertPart(part);
        throw new Error("killed");
      },
      // As if its checkpoint had been read before the other wrote it.
      checkpoint: async () => null,
    };
    await expect(batch.load(stopped)).rejects.toThrow("killed");
    const changed = {
      ...batch.job,
      checkItem: (value: unknown) => ({ ok: true, value: { much: "longer than before", value } }) as const,
    };
    await expect(loadBatch(env.FILES, stopped, changed)).rejects.toThrow("killed");
    expect(await payloadsOf(await rowsOf(batch.id))).toEqual(texts(500));
  });

  it("shows how many items are there while it goes on", async () => {
    const batch = await batchOf(lines(1_201), "ndjson");
    const totals: unknown[] = [];
    await batch.load({
      ...batch.target,
      async insertPart(part) {
        const going = await batch.target.insertPart(part);
        totals.push((await statusOf(batch.id))?.total);
        return going;
      },
    });
    expect(totals).toEqual([500, 1_000, 1_201]);
  });

  it("stops when the batch was cancelled", async () => {
    const batch = await batchOf(lines(1_201), "ndjson");
    const cancelled: LoadTarget = {
      ...batch.target,
      async insertPart(part) {
        const going = await batch.target.insertPart(part);
        await new BatchStore(env.DB).cancel("default", batch.id, 3);
        return going;
      },
    };
    expect(await batch.load(cancelled)).toBe("stopped");
    expect(await statusOf(batch.id)).toMatchObject({ status: "cancelled", total: 500, cancelled: 500 });
    expect(await batch.load()).toBe("stopped");
    expect(await rowsOf(batch.id)).toHaveLength(500);
  });

  it.each([
    ["has no items", "text\n", "csv", "empty_batch"],
    ["has more items than a batch may have", `${"1\n".repeat(5_001)}`, "ndjson", "too_many_items"],
    ["has 100,000 columns", `${"c,".repeat(99_999)}c\n1\n`, "csv", "too_many_columns"],
    ["is a broken document", '{"items":[1,', "json", "invalid_document"],
    ["is gone", null, "csv", "source_missing"],
  ] as const)("fails the batch, with a reason, when its source %s", async (_, content, format, code) => {
    const batch = await batchOf(content, format);
    expect(await batch.load()).toBe("failed");
    expect(await statusOf(batch.id)).toMatchObject({ status: "failed", error_code: code });
    expect(batch.woken()).toBe(0);
  });

  it("fetches a file once, however often it begins again", async () => {
    const batch = await batchOf(null, "csv", { fileUrl: `${env.TEST_FILES_URL}/once.csv`, maxParts: 1 });
    const job = { ...batch.job, fileUrl: `${env.TEST_FILES_URL}/once.csv` };
    let killed = false;
    const dying: LoadTarget = {
      ...batch.target,
      async insertPart(part) {
        if (killed) return batch.target.insertPart(part);
        killed = true;
        throw new Error("killed");
      },
    };
    await expect(loadBatch(env.FILES, dying, job)).rejects.toThrow("killed");
    expect(await loadBatch(env.FILES, dying, job)).toBe("unfinished");
    expect(await loadBatch(env.FILES, dying, job)).toBe("loaded");
    expect(await statusOf(batch.id)).toMatchObject({ status: "running", total: 600 });
    expect(await (await fetch(`${env.TEST_FILES_URL}/count/once.csv`)).text()).toBe("1");
  });

  it("leaves a file that is not there now to the next attempt, and fails the batch with the last", async () => {
    const batch = await batchOf(null, "csv", { fileUrl: `${env.TEST_FILES_URL}/busy.csv` });
    await expect(batch.load()).rejects.toMatchObject({ name: "FileNotThere" });
    expect(await statusOf(batch.id)).toMatchObject({ status: "loading" });
    expect(await loadBatch(env.FILES, batch.target, { ...batch.job, lastAttempt: true })).toBe("failed");
    expect(await statusOf(batch.id)).toMatchObject({
      error_code: "file_unreachable",
      error_message: expect.stringMatching(/503/),
    });
  });
});
