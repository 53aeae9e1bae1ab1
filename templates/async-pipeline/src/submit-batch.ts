import { now } from "@tenner/worker-kit/clock";
import { idempotencyConflict } from "@tenner/worker-kit/idempotency-key";
import { canonical } from "@tenner/worker-kit/json-schema";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import { BatchStore } from "./adapters/batch-store.ts";
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
export interface StoredItems {
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

/**
 * Writes the record, then keeps the items, then has them loaded. A crash before the items are kept leaves a record
 * that the cron takes back; one after it a batch whose loading the cron begins.
 *
 * @throws Problem 409 for an idempotency key of another submission, or of one that is still arriving
 */
export async function submitBatch(
  env: Env,
  settings: Settings,
  { tenant, facts, incoming, idempotencyKey }: Submission,
): Promise<{ batch: BatchRecord; created: boolean }> {
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
  const { batch, created } = await batches.create({
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
  });
  if (!created) {
    await compare(batch, requestHash, incoming);
    return { batch, created };
  }
  if (incoming.kind === "url") {
    await sendChore(env, { kind: "load", batchId: id });
    return { batch, created };
  }
  let stored: StoredItems;
  try {
    stored = await incoming.store(source.key);
  } catch (error) {
    await batches.withdraw(id);
    throw error;
  }
  const received = await batches.received(
    id,
    JSON.stringify({ ...source, bytes: stored.bytes, sha256: stored.sha256 } satisfies BatchSource),
    now(env),
  );
  // Cancelled while it arrived: then that is what it is.
  if (!received) return { batch: (await batches.find(id)) ?? batch, created };
  await sendChore(env, { kind: "load", batchId: id });
  return { batch: received, created };
}

/** @throws Problem 409 unless the same was submitted before, and has arrived */
async function compare(batch: BatchRecord, requestHash: string, incoming: Incoming): Promise<void> {
  if (batch.request_hash !== requestHash) throw idempotencyConflict();
  if (incoming.kind === "url") return;
  const { bytes, sha256 } = BatchSource.parse(JSON.parse(batch.source));
  if (bytes === null || sha256 === null) {
    throw new Problem(409, "request_under_way", "the first upload with this Idempotency-Key is still arriving", {
      headers: { "retry-after": "5" },
    });
  }
  if (!(await incoming.isSame({ bytes, sha256 }))) throw idempotencyConflict();
}
