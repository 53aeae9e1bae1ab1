import { log } from "@tenner/worker-kit/log";
import { FileNotThere, fetchFile } from "./adapters/fetch-file.ts";
import { PartStore } from "./adapters/part-store.ts";
import { openSource } from "./adapters/source-store.ts";
import type { LoadCheckpoint, LoadTarget } from "./domain/ingest/load-target.ts";
import { type CheckItem, checkpointAfter, PartBuilder } from "./domain/ingest/part.ts";
import { readSource } from "./domain/ingest/read-source.ts";
import type { IngestLimits, SourceEntry } from "./domain/ingest/source-entry.ts";
import { SourceError } from "./domain/ingest/source-error.ts";

/** A batch whose items are to become rows. */
export interface LoadJob {
  readonly batchId: string;
  /** Where its source is in R2, or goes when it is fetched. */
  readonly sourceKey: string;
  /** Where its source comes from when it was not uploaded. */
  readonly fileUrl: string | null;
  readonly checkItem: CheckItem;
  readonly limits: IngestLimits;
  /** ms for a file to arrive whole. */
  readonly fetchTimeoutMs: number;
  /** `host` or `host:port` that may be called although inside the network. */
  readonly allowedHosts: readonly string[];
  /** Nobody tries again: a file that is not there fails the batch. */
  readonly lastAttempt: boolean;
  /** Parts that one call writes, within what a Worker may do at once. @default 100 */
  readonly maxParts?: number;
}

/** `unfinished`: call again. `stopped`: the batch is no longer loading. `failed`: it has failed, and says why. */
export type LoadOutcome = "loaded" | "unfinished" | "stopped" | "failed";

/**
 * Turns a batch's source into items, part by part: the payloads go to R2, then the rows and the checkpoint to D1 in one
 * transaction. A call that dies is made up for by the next, which begins at the checkpoint; two at once do the same
 * twice and change nothing.
 *
 * @throws FileNotThere and whatever R2 and D1 throw: call again later
 */
export async function loadBatch(bucket: R2Bucket, target: LoadTarget, job: LoadJob): Promise<LoadOutcome> {
  try {
    return await load(bucket, target, job);
  } catch (error) {
    const reason = finalReason(error, job);
    if (!reason) throw error;
    log("warn", "batch_not_loaded", { batch: job.batchId, code: reason.code });
    await target.fail(reason);
    return "failed";
  }
}

function finalReason(error: unknown, job: LoadJob): { code: string; message: string } | null {
  if (error instanceof SourceError) return { code: error.code, message: error.message };
  if (error instanceof FileNotThere && job.lastAttempt) return { code: "file_unreachable", message: error.message };
  return null;
}

async function load(bucket: R2Bucket, target: LoadTarget, job: LoadJob): Promise<LoadOutcome> {
  const start = await target.checkpoint();
  const { source, format } = await sourceOf(bucket, job);
  const writer = new PartWriter(new PartStore(bucket), target, job, start ?? BEGINNING);
  const lastPart = writer.checkpoint.part + (job.maxParts ?? 100);
  try {
    for await (const entry of readSource(source, format, job.limits, start)) {
      if (!(await writer.add(entry))) return "stopped";
      if (writer.checkpoint.part >= lastPart) return (await writer.flush()) ? "unfinished" : "stopped";
    }
    if (!(await writer.flush())) return "stopped";
  } finally {
    await writer.settled();
  }
  await target.finish(writer.checkpoint.position);
  return "loaded";
}

const BEGINNING: LoadCheckpoint = { part: 0, offset: 0, line: 1, position: 0 };

/** Writes entries as parts, in order. A part goes to R2 while the rows of the one before it go to D1. */
class PartWriter {
  readonly #store: PartStore;
  readonly #target: LoadTarget;
  readonly #batchId: string;
  readonly #part: PartBuilder;
  /** Whether the batch was still loading when the last part was inserted. */
  #inserted = Promise.resolve(true);
  #next: LoadCheckpoint;
  /** Behind the last part that was begun to be written. */
  checkpoint: LoadCheckpoint;

  constructor(store: PartStore, target: LoadTarget, job: LoadJob, start: LoadCheckpoint) {
    this.#store = store;
    this.#target = target;
    this.#batchId = job.batchId;
    this.#part = new PartBuilder(job.checkItem);
    this.#next = start;
    this.checkpoint = start;
  }

  /** False when the batch is no longer loading. */
  async add(entry: SourceEntry): Promise<boolean> {
    this.#part.add(entry);
    this.#next = checkpointAfter(entry, this.checkpoint.part);
    if (!this.#part.isFull) return true;
    const before = this.#inserted;
    this.#write();
    return before;
  }

  /** Writes what is left and waits for all. False when the batch is no longer loading. */
  flush(): Promise<boolean> {
    if (!this.#part.isEmpty) this.#write();
    return this.#inserted;
  }

  /** Waits for what is under way, however it ends. */
  async settled(): Promise<void> {
    await this.#inserted.catch(() => undefined);
  }

  #write(): void {
    const { payload, rows } = this.#part.take();
    const next = this.#next;
    const stored = payload.size > 0 ? this.#store.put(this.#batchId, this.checkpoint.part, payload) : null;
    this.checkpoint = next;
    this.#inserted = Promise.all([this.#inserted, stored]).then(
      ([going, key]) => going && this.#target.insertPart({ key, rows, next }),
    );
    // Its failure is told to the next who waits for it, and until then it is no unhandled one.
    this.#inserted.catch(() => undefined);
  }
}

/** The batch's source in R2; a file is fetched unless an earlier call has done so. */
async function sourceOf(bucket: R2Bucket, job: LoadJob): Promise<NonNullable<Awaited<ReturnType<typeof openSource>>>> {
  const kept = await openSource(bucket, job.sourceKey);
  if (kept) return kept;
  if (job.fileUrl !== null) {
    const { fileUrl: url, sourceKey: key, fetchTimeoutMs: timeoutMs, allowedHosts } = job;
    await fetchFile(bucket, { url, key, timeoutMs, allowedHosts, maxBytes: job.limits.maxSourceBytes });
    const fetched = await openSource(bucket, key);
    if (fetched) return fetched;
  }
  throw new SourceError("source_missing", "the uploaded file is no longer there; send the batch again");
}
