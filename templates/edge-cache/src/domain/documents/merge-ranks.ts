/** Softens the first places: one list's first does not beat what both have second. */
const RANK_CONSTANT = 60;

/**
 * Merges ranked lists by reciprocal rank, which needs no scores that can be compared.
 *
 * @returns each key once, best first; of equal ones the one that a list has first
 * @see https://plg.uwaterloo.ca/~gvcormac/cormacksigir09-rrf.pdf
 */
export function mergeRanks(lists: readonly (readonly string[])[]): string[] {
  const scores = new Map<string, number>();
  for (const list of lists) {
    list.forEach((key, place) => {
      scores.set(key, (scores.get(key) ?? 0) + 1 / (RANK_CONSTANT + place + 1));
    });
  }
  return [...scores].sort(([, a], [, b]) => b - a).map(([key]) => key);
}
