import type { ChatCompletion, ChatCompletionChunk } from "@tenner/worker-kit/ai/relay";

/** A kept answer. */
export interface CacheEntry {
  /** SHA-256 of the question's identity, 64 hexadecimal digits. */
  readonly key: string;
  readonly tenant: string;
  /** ms, the stack's clock. */
  readonly storedAt: number;
  /** Seconds. */
  readonly ttl: number;
  /** Seconds beyond `ttl` for which it is served while it is made anew. */
  readonly staleFor: number;
  /** What it can be purged by, each with its number when the question was asked. */
  readonly generations: Readonly<Record<string, number>>;
  readonly completion: ChatCompletion;
  /** As they came from the model; null when the answer came whole. */
  readonly chunks: readonly ChatCompletionChunk[] | null;
  /** What the answer cost, and each hit saves. */
  readonly costNano: number;
  readonly standIn: boolean;
  /** Of a copy that is kept under the key of another question than the one it answered. */
  readonly alike?: Alike;
}

/** Whose answer a copy is, and by what it is served. */
export interface Alike {
  /** Of the question that was answered. */
  readonly key: string;
  /** Cosine of the two questions' vectors. */
  readonly similarity: number;
  /** `rules`: they mean the same by their words. `learned`: their answers, or a judge, have proven it. */
  readonly by: "rules" | "learned";
}

/** How old an entry is, in whole seconds. */
export function ageOf({ storedAt }: CacheEntry, at: number): number {
  return Math.max(0, Math.floor((at - storedAt) / 1_000));
}

/** What an entry may still be used for; `gone` also when it is older than the request's `max-age`. */
export function freshness(entry: CacheEntry, at: number, maxAge: number | null): "fresh" | "stale" | "gone" {
  const age = ageOf(entry, at);
  if (age > (maxAge ?? Infinity) || age > entry.ttl + entry.staleFor) return "gone";
  return age <= entry.ttl ? "fresh" : "stale";
}

/** Seconds that an entry is of any use. */
export function lifetime({ ttl, staleFor }: Pick<CacheEntry, "ttl" | "staleFor">): number {
  return ttl + staleFor;
}

/** The entry in a stored text, if it is the one that was looked for: nothing else may ever be served. */
export function parseEntry(text: string, tenant: string, key: string): CacheEntry | null {
  try {
    const entry = JSON.parse(text) as CacheEntry; // ours; whose it is, is checked
    return entry.tenant === tenant && entry.key === key ? entry : null;
  } catch {
    return null;
  }
}
