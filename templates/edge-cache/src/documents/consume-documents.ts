import { AiError } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { log } from "@tenner/worker-kit/log";
import { PriceError } from "@tenner/worker-kit/model-prices";
import type { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import { DocumentProblem } from "../domain/documents/document.ts";
import { ChunkStore } from "./chunk-store.ts";
import { ChunkVectors } from "./chunk-vectors.ts";
import { documentAi } from "./document-ai.ts";
import { type Claim, DocumentStore } from "./document-store.ts";
import { indexDocument } from "./index-document.ts";
import { removeDocument } from "./remove-document.ts";

/** What the queue carries: which document is to be looked at. What is to be done with it says the database. */
const DocumentMessage = z.object({ documentId: z.string() });
type DocumentMessage = z.infer<typeof DocumentMessage>;

/** A delivery, as far as it is needed. */
export type DocumentDelivery = Pick<Message, "body" | "ack" | "retry">;

/** Documents of one call of the cron. */
const DUE_AT_ONCE = 100;
/** Before a document that somebody works on, or whose vectors are still to be seen, is looked at again. */
const LOOK_AGAIN_SECONDS = 10;
/** A budget may be raised before its month ends. */
const LONGEST_PARKING_MS = 3_600_000;

/** Sends a document to be indexed or removed. What cannot be sent now is sent by the cron. */
export async function sendDocument(env: Pick<Env, "INDEXING">, documentId: string): Promise<void> {
  try {
    await env.INDEXING.send({ documentId } satisfies DocumentMessage);
  } catch (error) {
    log("error", "document_not_sent", { document: documentId, message: String(error) });
  }
}

/** Sends what was lost, or whose time has come. Returns how many. */
export async function sendDueDocuments(env: Env, at: number): Promise<number> {
  const store = new DocumentStore(env.DB);
  const due = await store.due(at, DUE_AT_ONCE);
  for (const { id } of due) {
    await sendDocument(env, id);
    await store.expect(id, at);
  }
  return due.length;
}

/** The consumer of documents and of those that were given up, by the ends of their queues' names in wrangler.jsonc. */
export async function consumeDocuments(batch: MessageBatch, env: Env): Promise<void> {
  if (batch.queue.endsWith("-documents-dead")) {
    // Nothing is lost: what is not done is due, and the cron sends it again until its attempts are used up.
    for (const { body } of batch.messages) log("warn", "document_message_given_up", { body });
    return batch.ackAll();
  }
  // It stays in its queue, then in its dead letters.
  if (!batch.queue.endsWith("-documents")) throw new Error(`queue ${batch.queue}: there is no consumer for it here`);
  const settings = settingsOf(env);
  for (const message of batch.messages) await consumeDocument(env, settings, message);
}

/** Does what is to be done with one document. A message that comes again finds it done, or goes on where it stopped. */
export async function consumeDocument(env: Env, settings: Settings, message: DocumentDelivery): Promise<void> {
  const body = DocumentMessage.safeParse(message.body);
  if (!body.success) {
    log("error", "document_message_unknown", { body: message.body });
    return message.ack();
  }
  const { documentId } = body.data;
  const documents = new DocumentStore(env.DB);
  const at = now(env);
  const claim = await documents.claim(documentId, at);
  if (!claim) {
    // Somebody works on it, or was killed at it: should it still be there afterwards, somebody else goes on.
    const wait = (await documents.claimedUntil(documentId)) - at;
    const delaySeconds = Math.min(LOOK_AGAIN_SECONDS, Math.ceil(wait / 1_000) + 1);
    return wait > 0 ? message.retry({ delaySeconds }) : message.ack();
  }
  if (claim.document.state === "indexing") return index(env, settings, { documents, claim, message });
  return remove(env, { documents, claim, message });
}

interface Delivered {
  readonly documents: DocumentStore;
  readonly claim: Claim;
  readonly message: DocumentDelivery;
}

async function index(env: Env, settings: Settings, { documents, claim, message }: Delivered): Promise<void> {
  const { id, tenant, attempts } = claim.document;
  const clock = () => now(env);
  if (attempts > settings.limits.maxAttempts) {
    const reason = `indexing it ended ${attempts - 1} times before its end, mostly because it is more than a Worker has memory or time for: split it`;
    await documents.markFailed(claim, "given_up", reason, clock());
    return message.ack();
  }
  try {
    const work = {
      documents,
      chunks: new ChunkStore(env.DB),
      vectors: new ChunkVectors(env.CHUNKS),
      files: env.FILES,
      ai: documentAi(env, settings, tenant, id),
      settings: settings.rag,
      now: clock,
    };
    const outcome = await indexDocument(work, claim);
    if (outcome !== "ready") await documents.release(claim, { dueAt: clock(), at: clock(), counts: false });
    // A message of its own: this one's attempts are for what fails.
    if (outcome === "more") await sendDocument(env, id);
    return message.ack();
  } catch (error) {
    return setBack(error, { documents, claim, message, at: clock(), maxAttempts: settings.limits.maxAttempts });
  }
}

/** What becomes of a document whose indexing failed: never again, later, or when there is money. */
async function setBack(
  error: unknown,
  { documents, claim, message, at, maxAttempts }: Delivered & { readonly at: number; readonly maxAttempts: number },
): Promise<void> {
  const { id, attempts } = claim.document;
  const failure = failureOfIndexing(error);
  log(failure.final ? "info" : "warn", "document_set_back", { document: id, code: failure.code, attempts });
  if (failure.final || (failure.counts && attempts >= maxAttempts)) {
    await documents.markFailed(claim, failure.code, failure.message, at);
    // Removed meanwhile: whoever removes it need not wait.
    await documents.release(claim, { dueAt: at, at, counts: true });
    return message.ack();
  }
  const delayMs = failure.counts ? 5_000 * 2 ** (attempts - 1) : Math.min(LONGEST_PARKING_MS, failure.retryAfterMs);
  await documents.release(claim, {
    dueAt: at + delayMs,
    at,
    counts: failure.counts,
    reason: failure.code,
    message: failure.message,
  });
  // What waits for money is sent by the cron: a message can be tried only so often.
  return failure.counts ? message.retry({ delaySeconds: Math.ceil(delayMs / 1_000) }) : message.ack();
}

interface IndexingFailure {
  readonly code: string;
  readonly message: string;
  /** It would fail the same way each time. */
  readonly final: boolean;
  /** It counts as an attempt. */
  readonly counts: boolean;
  readonly retryAfterMs: number;
}

function failureOfIndexing(error: unknown): IndexingFailure {
  const usual = { final: false, counts: true, retryAfterMs: 0 };
  if (error instanceof DocumentProblem) return { ...usual, code: error.code, message: error.message, final: true };
  if (error instanceof PriceError)
    return { ...usual, code: "model_without_price", message: error.message, final: true };
  if (error instanceof AiError) {
    const { code, message, retryable, retryAfterMs = 60_000 } = error;
    const waits = code === "budget_exhausted" || code === "rate_limited";
    return { code, message, final: !retryable && !waits, counts: !waits, retryAfterMs };
  }
  log("error", "indexing_failed", { message: String(error), stack: error instanceof Error ? error.stack : undefined });
  return {
    ...usual,
    code: "indexing_failed",
    message: "something went wrong here, not with the document: upload it again",
  };
}

async function remove(env: Env, { documents, claim, message }: Delivered): Promise<void> {
  const work = { chunks: new ChunkStore(env.DB), vectors: new ChunkVectors(env.CHUNKS), files: env.FILES };
  const later = async () => {
    const at = now(env);
    await documents.release(claim, { dueAt: at + LOOK_AGAIN_SECONDS * 1_000, at, counts: true });
    message.retry({ delaySeconds: LOOK_AGAIN_SECONDS });
  };
  try {
    if (await removeDocument(work, claim)) return message.ack();
    await later();
  } catch (error) {
    log("error", "removal_failed", { document: claim.document.id, message: String(error) });
    await later();
  }
}
