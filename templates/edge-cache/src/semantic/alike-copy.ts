import { type Alike, ageOf, type CacheEntry, freshness } from "../cache/entry.ts";
import { type Generations, isCurrent, scope, stampOf } from "../cache/generations.ts";

/** Under what a copy is kept: another question than the one that was answered. */
export interface CopyFor {
  readonly key: string;
  readonly tags: readonly string[];
  readonly generations: Generations;
  /** Seconds that an answer is served for a question that means the same. */
  readonly ttl: number;
}

/**
 * A kept answer under the key of an alike question, so that its repeats are found as every other answer is. It goes with
 * the original, with a purge of either, when the pair is blocked, and when the original was wrong too often.
 */
export function alikeCopy(entry: CacheEntry, alike: Alike, { key, tags, generations, ttl }: CopyFor): CacheEntry {
  const scopes = [scope.key(key), scope.alike(entry.key), ...tags.map(scope.tag)];
  return {
    ...entry,
    key,
    ttl: Math.min(entry.ttl, ttl),
    staleFor: 0,
    generations: { ...entry.generations, ...stampOf(generations, scopes) },
    alike,
  };
}

/** Whether an answer may be served for a question that means the same: it is its own question's, current and young enough. */
export function mayServeAlike(
  entry: CacheEntry,
  generations: Generations,
  { at, ttl, maxAge }: { readonly at: number; readonly ttl: number; readonly maxAge: number | null },
): boolean {
  return (
    entry.alike === undefined &&
    isCurrent(entry, generations) &&
    freshness(entry, at, maxAge) === "fresh" &&
    ageOf(entry, at) <= ttl
  );
}
