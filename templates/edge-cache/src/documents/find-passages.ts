import { type AiClient, AiError } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import { lexicalQuery } from "../domain/documents/lexical-query.ts";
import { mergeRanks } from "../domain/documents/merge-ranks.ts";
import { ChunkStore, type FoundChunk, scopeOf } from "./chunk-store.ts";
import { ChunkVectors } from "./chunk-vectors.ts";

/** A chunk that may answer a question. */
export interface FoundPassage extends FoundChunk {
  /** Cosine with the question; null where only its words have found it. */
  readonly similarity: number | null;
}

/** What was found, best first. */
export interface Found {
  readonly passages: readonly FoundPassage[];
  /** Of the nearest passage; null when the vectors could not be asked, or have none. */
  readonly similarity: number | null;
  /** False: Vectorize or the embedding model did not answer, so that only words were looked for. */
  readonly byMeaning: boolean;
  readonly costNano: number;
}

/** Candidates of each kind. */
const CANDIDATES = 30;

/**
 * Looks for the tenant's chunks that are near to a question in meaning, and for those that have its words; both lists
 * are merged. What Vectorize finds is only believed when the database says that it is the tenant's.
 *
 * @param options.documents of these only
 * @throws AiError `budget_exhausted`, `rate_limited`
 */
export async function findPassages(
  world: { readonly database: D1Database; readonly index: VectorizeIndex; readonly ai: AiClient },
  tenant: string,
  question: string,
  options: { readonly documents: readonly string[] | null; readonly most: number },
): Promise<Found> {
  const { documents, most } = options;
  const chunks = new ChunkStore(world.database);
  const [near, worded] = await Promise.all([
    nearInMeaning(world, tenant, question, documents),
    withWords(chunks, tenant, question, documents),
  ]);
  const candidates = near.found ?? [];
  const own = await chunks.ofTenant(tenant, candidates, documents);
  const ours = new Set(own.map(keyOf));
  const byKey = new Map<string, FoundChunk>([...own, ...worded].map((chunk) => [keyOf(chunk), chunk]));
  const nearest = candidates.filter((each) => ours.has(keyOf(each)));
  const similarities = new Map(nearest.map((each) => [keyOf(each), each.similarity]));
  const order = mergeRanks([nearest.map(keyOf), worded.map(keyOf)]);
  const passages = order.slice(0, most).flatMap((key) => {
    const chunk = byKey.get(key);
    return chunk ? [{ ...chunk, similarity: similarities.get(key) ?? null }] : [];
  });
  return {
    passages,
    similarity: nearest[0]?.similarity ?? null,
    byMeaning: near.found !== null,
    costNano: near.costNano,
  };
}

async function nearInMeaning(
  { index, ai }: { readonly index: VectorizeIndex; readonly ai: AiClient },
  tenant: string,
  question: string,
  documents: readonly string[] | null,
) {
  let spent = 0;
  try {
    const { value, costNano } = await ai.embed([question]);
    spent = costNano;
    const found = await new ChunkVectors(index).near(tenant, value[0] ?? [], { documents, most: CANDIDATES });
    return { found, costNano };
  } catch (error) {
    // Without money there is no answer either.
    if (error instanceof AiError && (error.code === "budget_exhausted" || error.code === "rate_limited")) throw error;
    log("error", "search_by_meaning_failed", { message: String(error) });
    return { found: null, costNano: spent };
  }
}

async function withWords(chunks: ChunkStore, tenant: string, question: string, documents: readonly string[] | null) {
  const match = lexicalQuery(question, await scopeOf(tenant));
  return match === null ? [] : chunks.search(tenant, match, { documents, most: CANDIDATES });
}

function keyOf({ document, position }: { readonly document: string; readonly position: number }): string {
  return `${document}:${position}`;
}
