import { now } from "@tenner/worker-kit/clock";
import { idempotencyConflict } from "@tenner/worker-kit/idempotency-key";
import { canonical } from "@tenner/worker-kit/json-schema";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import { BatchStore, type NewBatch } from "./adapters/batch-store.ts";
import { sourceKey } from "./adapters/source-store.ts";
import type { BatchRecord } from "./domain/batch.ts";
import type { BatchFacts } from "./domain/batch-request.ts";
import { BatchSource } from "./domain/batch-source.ts";
import { sendChore } from "./send-chore.ts";

/** The items of a submission on their way in. */
export type Incoming =
  | { readonly kind: "url"; readonly url: string }
  | {
      readonly kind: "json" | "ndjson" | "csv";
      /** Keeps the items under a key of R2. Called at most once. @throws Problem when they do not arrive whole */
      store(key: string): Promise<StoredItems>;
      /** Reads the items without keeping them, to see whether they are those of an earlier submission. */
      isSame(stored: StoredItems): Promise<boolean>;
    };

/** Items that have arrived. */
interface StoredItems {
  readonly bytes: number;
  /** Of those bytes, hexadecimal. */
  readonly sha256: string;
}

/** A submission. */
export interface Submission {
  readonly tenant: string;
  readonly facts: BatchFacts;
  readonly incoming: Incoming;
  readonly idempotencyKey: string | null;
}

/** An upload says so often that it is still arriving … */
const BEAT_MS = 10_000;
/** … and is dead when it has not for so long: its Worker was killed. */
const DEAD_MS = 60_000;

/**
 * Writes the record, then keeps the items, then has them loaded. A crash before the items are kept leaves a record
 * that the same submission, or the cron, takes back; one after it a batch whose loading the cron begins.
 *
 * @throws Problem 409 for an idempotency key of another submission, or of one that is still arriving
 */
export async function submitBatch(
  env: Env,
  settings: Settings,
  submission: Submission,
): Promise<{ batch: BatchRecord; created: boolean }> {
  const { tenant, facts, incoming, idempotencyKey } = submission;
  const batches = new BatchStore(env.DB);
  const at = now(env);
  const id = sortableId("batch", at);
  const requestHash = await sha256Hex(canonical({ ...facts, url: incoming.kind === "url" ? incoming.url : null }));
  const source: BatchSource = {
    kind: incoming.kind,
    key: sourceKey({ tenant, id }),
    url: incoming.kind === "url" ? incoming.url : null,
    bytes: null,
    sha256: null,
  };
  const newBatch: NewBatch = {
    id,
    tenant,
    pipeline: facts.pipeline,
    options: JSON.stringify(facts.options),
    status: incoming.kind === "url" ? "loading" : "receiving",
    source: JSON.stringify(source),
    idempotency_key: idempotencyKey,
    request_hash: requestHash,
    webhook_url: facts.webhook_url ?? null,
    agent_job: facts.agent_job ? JSON.stringify(facts.agent_job) : null,
    created_at: at,
    retention_ms: settings.pipeline.batchRetentionDays * 86_400_000,
  };
  let { batch, created } = await batches.create(newBatch);
  if (!created && (await takeBack(batches, batch, at))) ({ batch, created } = await batches.create(newBatch));
  if (!created) {
    await compare(batch, requestHash, incoming);
    return { batch, created };
  }
  if (incoming.kind !== "url") batch = await receive(env, id, source, incoming);
  if (batch.status === "loading") await sendChore(env, { kind: "load", batchId: id });
  return { batch, created };
}

/**
 * Keeps the items of a batch that is `receiving`, and notes that they are there.
 *
 * @returns the batch: loading, or cancelled meanwhile
 */
async function receive(
  env: Env,
  id: string,
  source: BatchSource,
  incoming: Exclude<Incoming, { kind: "url" }>,
): Promise<BatchRecord> {
  const batches = new BatchStore(env.DB);
  const beat = setInterval(() => {
    batches.stillReceiving(id, now(env)).catch(() => {}); // The next one says it too.
  }, BEAT_MS);
  let stored: StoredItems;
  try {
    stored = await incoming.store(source.key);
  } catch (error) {
    await batches.withdraw(id);
    throw error;
  } finally {
    clearInterval(beat);
  }
  const { bytes, sha256 } = stored;
  const whole: BatchSource = { ...source, bytes, sha256 };
  const batch = (await batches.received(id, JSON.stringify(whole), now(env))) ?? (await batches.find(id));
  if (batch) return batch;
  await env.FILES.delete(source.key);
  throw new Problem(409, "upload_superseded", "this upload stood still so long that another one took its place");
}

/** Makes way for a submission whose first upload died. True when it may be made anew. */
async function takeBack(batches: BatchStore, batch: BatchRecord, at: number): Promise<boolean> {
  if (batch.status === "receiving" && batch.changed_at < at - DEAD_MS) {
    await batches.withdraw(batch.id);
    return true;
  }
  if (batch.status !== "failed" || hasArrived(batch)) return false;
  await batches.freeKey(batch.id);
  return true;
}

function hasArrived(batch: BatchRecord): boolean {
  const { kind, sha256 } = BatchSource.parse(JSON.parse(batch.source));
  return kind === "url" || sha256 !== null;
}

/** @throws Problem 409 unless the same was submitted before, and has arrived */
async function compare(batch: BatchRecord, requestHash: string, incoming: Incoming): Promise<void> {
  if (batch.request_hash !== requestHash) throw idempotencyConflict();
  if (incoming.kind === "url") return;
  const { bytes, sha256 } = BatchSource.parse(JSON.parse(batch.source));
  if (bytes === null || sha256 === null) {
    if (batch.status !== "receiving") return; // Cancelled before it had arrived: so it stays.
    throw new Problem(409, "request_under_way", "the first upload with this Idempotency-Key is still arriving", {
      headers: { "retry-after": "5" },
    });
  }
  if (!(await incoming.isSame({ bytes, sha256 }))) throw idempotencyConflict();
}
