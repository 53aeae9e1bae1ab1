import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { expect } from "vitest";
import { BatchStore } from "../src/adapters/batch-store.ts";
import { loadTarget } from "../src/adapters/load-target.ts";
import type { Batch, BatchRecord } from "../src/domain/batch.ts";

export const ORIGIN = "https://async-pipeline.test";

/** Makes the tables. For `beforeAll`. */
export async function migrate(): Promise<void> {
  // The file before this one ran in the same workerd.
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await applyD1Migrations(env.LEDGER, env.TEST_LEDGER_MIGRATIONS);
}

export interface CallOptions {
  /** @default the program's, of tenant "default" */
  readonly key?: string | null | undefined;
  /** A text or a stream goes out as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the Worker. */
export function api(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { key = env.API_KEY, body } = options;
  const asItIs = typeof body === "string" || body instanceof ReadableStream;
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: asItIs ? body : JSON.stringify(body) }),
  });
}

/** A submission of texts to classify. */
export const classifying = (texts: readonly string[], more: object = {}) => ({
  pipeline: "classify-and-tag",
  items: texts.map((text) => ({ text })),
  ...more,
});

/** Submits and expects to be taken. */
export async function submit(body: unknown, options: CallOptions = {}): Promise<Batch> {
  const response = await api("POST", "/v1/batches", { ...options, body });
  expect(response.status, await response.clone().text()).toBe(202);
  return response.json<Batch>();
}

export async function getBatch(id: string, key?: string): Promise<Batch> {
  return (await api("GET", `/v1/batches/${id}`, { key })).json<Batch>();
}

/** A key of another tenant. */
export async function keyOf(tenant: string): Promise<string> {
  const response = await api("POST", "/v1/keys", { body: { tenant, name: `key of ${tenant}` } });
  expect(response.status).toBe(201);
  return (await response.json<{ key: string }>()).key;
}

/** The facts of a problem answer, having checked its form. */
export async function problem(
  response: Response,
): Promise<{ status: number; code: string; detail: string; paths: string[] }> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("x-request-id")).toBeTruthy();
  const body = await response.json<{
    status: number;
    code: string;
    detail: string;
    errors?: { path: string }[];
  }>();
  expect(body.status).toBe(response.status);
  const { status, code, detail } = body;
  return { status, code, detail, paths: (body.errors ?? []).map((each) => each.path) };
}

/** What a seeded item has come to. */
export type Seed =
  | { readonly status: "waiting" | "released" | "cancelled" }
  | { readonly status: "done"; readonly result: unknown; readonly large?: boolean }
  | { readonly status: "dead"; readonly reason: string; readonly step?: string; readonly unread?: boolean };

let seeded = 0;

/**
 * A running or ended batch that nobody works on, because nobody heard of it. Item N's input is `{ text: "text N" }`;
 * large results lie in R2, and an unread item has no input.
 */
export async function seedBatch(tenant: string, seeds: readonly Seed[]): Promise<BatchRecord> {
  const at = Date.now();
  const batches = new BatchStore(env.DB);
  const { batch } = await batches.create({
    // Later ones sort later, also within a millisecond.
    id: sortableId("batch", at + seeded++),
    tenant,
    pipeline: "classify-and-tag",
    options: "{}",
    status: "loading",
    source: "{}",
    idempotency_key: null,
    request_hash: "",
    webhook_url: null,
    agent_job: null,
    created_at: at,
    retention_ms: 86_400_000,
  });
  const key = `parts/${batch.id}/0`;
  const payloads = seeds.map((_, position) => JSON.stringify({ text: `text ${position}` }));
  await env.FILES.put(key, payloads.join("\n"));
  let offset = 0;
  const rows = seeds.map((seed, position) => {
    const length = payloads[position]?.length ?? 0;
    const place = { position, line: position + 1, offset, length };
    offset += length + 1;
    if (seed.status === "dead" && seed.unread) {
      return {
        kind: "bad" as const,
        position,
        line: position + 1,
        reason: "invalid_json" as const,
        message: "not JSON",
      };
    }
    return { kind: "item" as const, ...place };
  });
  const target = loadTarget(env.DB, batch, { now: () => at, onLoaded: () => Promise.resolve() });
  await target.insertPart({ key, rows, next: { part: 1, offset, line: seeds.length, position: seeds.length } });
  await target.finish(seeds.length);
  await moveItems(batch.id, seeds);
  const found = await batches.find(batch.id);
  if (!found) throw new Error("the seeded batch is gone");
  return found;
}

/** Brings a seeded batch's items to where `seeds` has them, as the consumer would. */
export async function moveItems(batchId: string, seeds: readonly Seed[]): Promise<void> {
  const moves = [];
  for (const [position, seed] of seeds.entries()) {
    if (seed.status === "dead" && seed.unread) continue;
    const facts = { reason: null as string | null, step: null as string | null, result: null as string | null };
    let resultKey: string | null = null;
    if (seed.status === "dead") Object.assign(facts, { reason: seed.reason, step: seed.step ?? "classify" });
    if (seed.status === "done" && seed.large) {
      resultKey = `results/${batchId}/${position}`;
      await env.FILES.put(resultKey, JSON.stringify(seed.result));
    } else if (seed.status === "done") facts.result = JSON.stringify(seed.result);
    moves.push(
      env.DB.prepare(
        `UPDATE items SET status = ?3, reason = ?4, step = ?5, message = ?4, result = ?6, result_key = ?7
         WHERE batch_id = ?1 AND position = ?2`,
      ).bind(batchId, position, seed.status, facts.reason, facts.step, facts.result, resultKey),
    );
  }
  if (moves.length > 0) await env.DB.batch(moves);
}
