import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ChunkStore, scopeOf } from "../src/documents/chunk-store.ts";
import { ChunkVectors } from "../src/documents/chunk-vectors.ts";
import { sendDueDocuments } from "../src/documents/consume-documents.ts";
import { DocumentStore } from "../src/documents/document-store.ts";
import { deliver, indexed, newTenant, placed, question, sentences, show } from "./documents-harness.ts";
import { api, booked, migrate } from "./harness.ts";

beforeAll(migrate);

/** A vector that is nearest to itself. */
const ARROW = Array.from({ length: 768 }, (_, index) => (index === 7 ? 1 : 0));
const ALL = { documents: null, most: 10 };

describe("another tenant's document", () => {
  it("is not there: not to see, not to remove, not to ask", async () => {
    const owner = await newTenant();
    const thief = await newTenant();
    const { id } = await indexed(owner.key, "The vault's code is 99-17-42, says the owner.");
    await indexed(thief.key, "Thieves have a document, too: about vaults and their code.");
    expect(await show(thief.key, id)).toBeNull();
    expect((await api("DELETE", `/v1/rag/documents/${id}`, { key: thief.key })).status).toBe(404);
    const body = { question: "What is the vault's code?", documents: [id] };
    expect((await api("POST", "/v1/rag/query", { key: thief.key, body })).status).toBe(404);
    const answer = await question(thief.key, "What is the vault's code, says the owner?");
    expect(answer.sources.map((source) => source.document)).not.toContain(id);
    expect(JSON.stringify(answer)).not.toContain("99-17-42");
    expect(await show(owner.key, id)).toMatchObject({ state: "ready" });
  });

  it("is kept out by the namespace alone", async () => {
    const [a, b] = [await newTenant(), await newTenant()];
    // It says that it is a's, and lies in b's namespace.
    await env.CHUNKS.upsert([
      { id: "doc_n:0", namespace: b.tenant, values: ARROW, metadata: { tenant: a.tenant, document: "doc_n" } },
    ]);
    expect(await new ChunkVectors(env.CHUNKS).near(a.tenant, ARROW, ALL)).toEqual([]);
  });

  it("is kept out by the metadata alone", async () => {
    const [a, b] = [await newTenant(), await newTenant()];
    await env.CHUNKS.upsert([
      { id: "doc_m:0", namespace: a.tenant, values: ARROW, metadata: { tenant: b.tenant, document: "doc_m" } },
      { id: "doc_m:1", namespace: a.tenant, values: ARROW, metadata: { tenant: a.tenant, document: "doc_m" } },
    ]);
    expect(await new ChunkVectors(env.CHUNKS).near(a.tenant, ARROW, ALL)).toMatchObject([
      { document: "doc_m", position: 1 },
    ]);
    expect(await new ChunkVectors(env.CHUNKS).near(a.tenant, ARROW, { ...ALL, documents: ["doc_x"] })).toEqual([]);
  });

  it("is kept out by the database alone, whatever Vectorize says", async () => {
    const [a, b] = [await newTenant(), await newTenant()];
    const theirs = await placed(b.tenant, "The vault's code is 99-17-42, says nobody.");
    expect(await deliver(theirs)).toBe("ack");
    const vectors = await env.CHUNKS.getByIds([`${theirs}:0`]);
    const values = [...(vectors[0]?.values ?? [])];
    // In a's namespace and with a's name, as if everything else had failed.
    await env.CHUNKS.upsert([
      { id: `${theirs}:0`, namespace: a.tenant, values, metadata: { tenant: a.tenant, document: theirs } },
    ]);
    expect(await new ChunkVectors(env.CHUNKS).near(a.tenant, values, ALL)).toMatchObject([{ document: theirs }]);
    const chunks = new ChunkStore(env.DB);
    expect(await chunks.ofTenant(a.tenant, [{ document: theirs, position: 0 }], null)).toEqual([]);
    expect(await chunks.ofTenant(b.tenant, [{ document: theirs, position: 0 }], null)).toHaveLength(1);
    await indexed(a.key, "A document about other things entirely.");
    const answer = await question(a.key, "What is the vault's code?");
    expect(answer.sources.map((source) => source.document)).not.toContain(theirs);
  });

  it("is kept out by the words' scope alone, and by the row's tenant alone", async () => {
    const [a, b] = [await newTenant(), await newTenant()];
    expect(await deliver(await placed(b.tenant, "Pelicans guard the vault."))).toBe("ack");
    const chunks = new ChunkStore(env.DB);
    const match = async (tenant: string) => `scope : "${await scopeOf(tenant)}" AND text : "pelicans"`;
    expect(await chunks.search(b.tenant, await match(b.tenant), ALL)).toHaveLength(1);
    expect(await chunks.search(a.tenant, await match(b.tenant), ALL)).toEqual([]);
    const words = env.DB.prepare("SELECT count(*) AS count FROM chunk_words WHERE chunk_words MATCH ?1");
    expect(await words.bind(await match(b.tenant)).first("count")).toBe(1);
    expect(await words.bind(await match(a.tenant)).first("count")).toBe(0);
  });
});

describe("a document's message", () => {
  /** 60 chunks of a sentence each: three questions to the embedding model. */
  const settings = { rag: { chunkTokens: 32, chunkOverlapTokens: 0 } };
  const long = sentences(60, "Herons");

  it("that comes again finds everything done", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, "Once is enough.");
    const before = await booked();
    expect(await deliver(id)).toBe("ack");
    expect(await deliver(id)).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "ready", chunks: 1, embedded: 1 });
    expect((await booked(before)).filter((call) => call.tenant === tenant)).toHaveLength(1);
  });

  it("waits while somebody works on the document, and goes on where one was killed", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, long);
    // The third write of vectors never comes back: as far as anybody can see, its consumer was killed there.
    let writes = 0;
    const killed = new Promise<void>((resolve) => {
      const index = withUpsert(async (vectors) => {
        if (++writes < 3) return env.CHUNKS.upsert(vectors);
        resolve();
        return new Promise<never>(() => {});
      });
      void deliver(id, { settings, world: { CHUNKS: index } });
    });
    await killed;
    expect(await show(key, id)).toMatchObject({ state: "indexing", chunks: 60, embedded: 50 });
    expect(await deliver(id, { settings })).toBe("retry");

    await env.DB.prepare("UPDATE documents SET claimed_until = 0 WHERE id = ?1").bind(id).run();
    const before = await booked();
    expect(await deliver(id, { settings })).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "ready", chunks: 60, embedded: 60 });
    // The step that was repeated had been paid for: its answer comes from the gateway's cache.
    const repeated = (await booked(before)).filter((call) => call.tenant === tenant);
    expect(repeated.reduce((sum, { cost }) => sum + (cost ?? 0), 0)).toBe(0);
    expect(await vectorsOf(id, 60)).toBe(60);
  });

  it("leaves a document that cannot be finished failed, after its attempts", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, "Never to be indexed.");
    const broken = { CHUNKS: withUpsert(() => Promise.reject(new Error("down"))) };
    const limits = { maxAttempts: 2 };
    expect(await deliver(id, { settings: { limits }, world: broken })).toBe("retry");
    expect(await show(key, id)).toMatchObject({ state: "queued", reason: { code: "indexing_failed" } });
    expect(await deliver(id, { settings: { limits }, world: broken })).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "failed", reason: { code: "indexing_failed" } });
  });

  it("of a document that kills its consumers is given up", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, "Too much for a Worker.");
    await env.DB.prepare("UPDATE documents SET attempts = 5 WHERE id = ?1").bind(id).run();
    expect(await deliver(id)).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "failed", reason: { code: "given_up" } });
  });

  it("waits for money without spending an attempt, and the cron sends it again", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, "Worth a nano-dollar.");
    expect(await deliver(id, { settings: { budget: { monthlyUsd: 10, perTenantUsd: 0.000000001 } } })).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "queued", reason: { code: "budget_exhausted" } });
    const row = env.DB.prepare("SELECT attempts, due_at FROM documents WHERE id = ?1").bind(id);
    const { attempts, due_at: dueAt } = (await row.first<{ attempts: number; due_at: number }>()) ?? {
      attempts: -1,
      due_at: 0,
    };
    expect(attempts).toBe(0);
    expect((await new DocumentStore(env.DB).due(dueAt - 1, 100)).map((due) => due.id)).not.toContain(id);
    const sent: string[] = [];
    const queue = { send: async (body: { documentId: string }) => void sent.push(body.documentId) } as unknown as Queue; // it sends, no more
    await sendDueDocuments({ ...env, INDEXING: queue }, dueAt);
    expect(sent).toContain(id);
    expect(await deliver(id)).toBe("ack");
    expect(await show(key, id)).toMatchObject({ state: "ready", reason: null });
  });

  it("stops when the document is removed meanwhile, whose vectors then go, too", async () => {
    const { tenant, key } = await newTenant();
    const id = await placed(tenant, long);
    const index = withUpsert(async (vectors) => {
      if (vectors[0]?.id === `${id}:0`)
        expect((await api("DELETE", `/v1/rag/documents/${id}`, { key })).status).toBe(202);
      return env.CHUNKS.upsert(vectors);
    });
    expect(await deliver(id, { settings, world: { CHUNKS: index } })).toBe("ack");
    await deliver(id);
    await expect.poll(() => show(key, id), { timeout: 30_000 }).toBeNull();
    expect(await vectorsOf(id, 60)).toBe(0);
  });

  it("that nobody understands is no reason to stop", async () => {
    expect(await deliver("doc_unknown")).toBe("ack");
  });
});

/** The index with another `upsert`. */
function withUpsert(upsert: VectorizeIndex["upsert"]): VectorizeIndex {
  const real = env.CHUNKS;
  return {
    upsert,
    query: (...parameters: Parameters<VectorizeIndex["query"]>) => real.query(...parameters),
    getByIds: (ids: string[]) => real.getByIds(ids),
    deleteByIds: (ids: string[]) => real.deleteByIds(ids),
  } as VectorizeIndex; // all that is used of it
}

/** How many of a document's chunks have a vector. */
async function vectorsOf(id: string, count: number): Promise<number> {
  const ids = Array.from({ length: count }, (_, position) => `${id}:${position}`);
  let found = 0;
  for (let from = 0; from < count; from += 20) found += (await env.CHUNKS.getByIds(ids.slice(from, from + 20))).length;
  return found;
}
