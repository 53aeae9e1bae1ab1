/**
 * Where each bucket begins, in ms; the last one has no end. From 8 ms on a bucket is at most a quarter longer than the one
 * before. Rows in D1 are written by these bounds (`h0` …), so a change of them needs a migration.
 */
export const BOUNDS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 41, 51, 63, 78, 97, 121, 151, 188, 235, 293, 366, 457, 571,
  713, 891, 1113, 1391, 1738, 2172, 2715, 3393, 4241, 5301, 6626, 8282, 10352, 12940, 16175, 20218, 25272, 31590, 39487,
  49358, 61697, 77121, 96401, 120501, 150626, 188282, 235352, 294190, 367737,
] as const;

/** By how much a percentile read from buckets can be off, as a part of the true one; below the last bucket. */
export const LATENCY_ERROR = 0.12;

/** The bucket of a time in ms, whole or not. */
export function bucketOf(ms: number): number {
  return Math.max(
    0,
    BOUNDS.findLastIndex((bound) => bound <= ms),
  );
}

/**
 * The percentile by nearest rank, in ms; null of nothing. The true one lies in the same bucket, and what is told is the
 * geometric middle of its first and last whole millisecond.
 *
 * @param part 0.5 for the median
 */
export function percentile(counts: readonly number[], part: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(part * total));
  const bucket = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  const first = BOUNDS[bucket] ?? 0;
  const next = BOUNDS[bucket + 1];
  if (next === undefined) return first;
  return Math.round(Math.sqrt(first * (next - 1)) * 10) / 10;
}
