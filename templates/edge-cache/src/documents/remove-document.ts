import type { ChunkStore } from "./chunk-store.ts";
import type { ChunkVectors } from "./chunk-vectors.ts";
import type { Claim } from "./document-store.ts";
import { fileKey, poll } from "./index-document.ts";

/** So long it is waited for vectors to go; then another time. */
const GONE_WITHIN_MS = 15_000;

/**
 * Removes everything of a document: vectors, bytes, chunks, and last, when its vectors can be seen to be gone, the row
 * that remembers it.
 *
 * @returns false when its vectors are still to be seen: come again
 */
export async function removeDocument(
  work: { readonly chunks: ChunkStore; readonly vectors: ChunkVectors; readonly files: R2Bucket },
  { document }: Claim,
): Promise<boolean> {
  const count = await work.chunks.count(document.id);
  await work.vectors.remove(document.id, count);
  await work.files.delete(fileKey(document));
  const gone = await poll(GONE_WITHIN_MS, async () => (await work.vectors.visible(document.id, count)).seen === 0);
  if (gone) await work.chunks.removeDocument(document.id);
  return gone;
}
