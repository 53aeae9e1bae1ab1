import type { AiClient } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { DocumentProblem } from "../domain/documents/document.ts";
import { breaksWithin } from "../domain/documents/page-of.ts";
import { splitIntoChunks } from "../domain/documents/split-into-chunks.ts";
import type { ChunkStore, NewChunk } from "./chunk-store.ts";
import type { ChunkVectors } from "./chunk-vectors.ts";
import type { Claim, DocumentStore } from "./document-store.ts";
import { readDocument } from "./read-document.ts";

/** The world as indexing sees it. */
export interface IndexWork {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  readonly vectors: ChunkVectors;
  readonly files: R2Bucket;
  readonly ai: AiClient;
  readonly settings: Settings["rag"];
  readonly now: () => number;
}

/** Chunks of one question to the embedding model. What a crash repeats is at most so much. */
const CHUNKS_A_STEP = 25;
/** A Worker's call may ask others only so often, and last only so long: the rest of a long document is another call's. */
const STEPS_A_CALL = 40;
/** So long it is waited for vectors to be seen. Vectorize mostly needs some seconds. */
const SEEN_WITHIN_MS = 20_000;

/** Where a document's bytes are kept. */
export function fileKey(document: { readonly id: string; readonly tenant: string }): string {
  return `documents/${document.tenant}/${document.id}`;
}

/**
 * Reads, splits and embeds a document. Each step is kept before the next one begins, so whoever comes after a crash goes
 * on from there; a step that is repeated writes the same again, and is not paid for twice.
 *
 * @returns `ready`; `more`: come again; `lost`: it is no longer wanted, or somebody else's by now
 * @throws DocumentProblem when it cannot be indexed, AiError when no model was to be had
 */
export async function indexDocument(work: IndexWork, claim: Claim): Promise<"ready" | "more" | "lost"> {
  const { document } = claim;
  if (document.chunks === null) await splitDocument(work, claim);
  for (let steps = 0; ; steps++) {
    if (!(await work.documents.renew(claim, work.now()))) return "lost";
    const step = await work.chunks.withoutVector(document.id, CHUNKS_A_STEP);
    const [first, last] = [step[0], step.at(-1)];
    if (!first || !last) break;
    if (steps === STEPS_A_CALL) return "more";
    const texts = step.map(({ heading, text }) => (heading === "" ? text : `${heading}\n${text}`));
    const { value, costNano } = await work.ai.embed(texts, {
      callId: `index:${document.id}:${first.position}-${last.position}`,
    });
    const vectors = step.map(({ position }, index) => ({ position, values: value[index] ?? [] }));
    await work.vectors.put(document, vectors);
    await work.chunks.markEmbedded(
      document.id,
      step.map(({ position }) => position),
      costNano,
    );
  }
  await untilSeen(work, document.id);
  await work.documents.markReady(claim, work.now());
  return "ready";
}

async function splitDocument({ files, chunks, settings, now }: IndexWork, { document }: Claim): Promise<void> {
  const file = await files.get(fileKey(document));
  if (!file) throw new DocumentProblem("gone", "its bytes are gone: upload it again");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { text, pages, breaks } = await readDocument(bytes, document.kind, settings);
  const parts = splitIntoChunks(text, {
    structured: document.kind === "markdown" || document.kind === "html",
    tokens: settings.chunkTokens,
    overlap: settings.chunkOverlapTokens,
  });
  if (parts.length > settings.maxChunksPerDocument) {
    const message = `it makes ${parts.length} chunks, ${settings.maxChunksPerDocument} are allowed: split it`;
    throw new DocumentProblem("too_many_chunks", message);
  }
  const all = parts.map(
    ({ start, end, heading }, position): NewChunk => ({
      position,
      start,
      heading,
      pages: breaksWithin(breaks, start, end),
      text: text.slice(start, end),
    }),
  );
  await chunks.write(document, all, { pages, at: now() });
}

/** Its words find it from now on; its vectors only when Vectorize has them. That one lags is no reason to fail. */
async function untilSeen({ vectors, chunks }: IndexWork, id: string): Promise<void> {
  const count = await chunks.count(id);
  const seen = await poll(SEEN_WITHIN_MS, async () => {
    const { seen, of } = await vectors.visible(id, count);
    return seen === of;
  });
  if (!seen) log("warn", "vectors_lag", { document: id });
}

/** Looks again and again, less and less often, until it is so. @returns whether it was in time */
export async function poll(withinMs: number, look: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + withinMs;
  for (let pause = 100; ; pause = Math.min(2_000, pause * 2)) {
    if (await look()) return true;
    if (Date.now() + pause > end) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
