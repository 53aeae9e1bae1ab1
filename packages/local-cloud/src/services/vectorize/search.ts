import type { Condition } from "./filter.ts";
import { LANES } from "./scan-kernel.ts";
import type { Scanner } from "./scanner.ts";
import type { SlotTable } from "./slot-table.ts";
import { QUERY_ADDRESS, ROWS_ADDRESS, SCAN_ROWS, SCORES_ADDRESS, type VectorMemory } from "./vector-memory.ts";

export type Metric = "cosine" | "euclidean" | "dot-product";

/** A vector that was found. */
export interface Hit {
  readonly slot: number;
  readonly score: number;
}

/** How many more than asked for are scored again: 32-bit sums may put neighbours in the wrong order. */
const SPARE = 32;

export interface Search {
  readonly vector: Float32Array;
  readonly metric: Metric;
  readonly topK: number;
  readonly namespace: string | undefined;
  readonly conditions: readonly Condition[];
}

/**
 * The nearest vectors of an index, nearest first: exact, and among equals the one that was written first. Scores are
 * Cloudflare's: cosine from −1 to 1, Euclidean distance, or the negative dot product.
 *
 * @see https://developers.cloudflare.com/vectorize/best-practices/create-indexes/#distance-metrics
 */
export function search(
  table: SlotTable,
  search: Search,
  { scanner, memory }: { scanner: Scanner; memory: VectorMemory },
): Hit[] {
  const query = new Float32Array(Math.ceil(search.vector.length / LANES) * LANES);
  query.set(search.vector);
  const slots = table.select(search.namespace, search.conditions);
  const nearest = new Nearest(search.topK + SPARE);
  for (let first = 0; first < slots.length; first += SCAN_ROWS) {
    const part = slots.subarray(first, first + SCAN_ROWS);
    const rows = memory.words(ROWS_ADDRESS, part.length);
    for (let at = 0; at < part.length; at++) rows[at] = table.address(part[at] ?? 0);
    memory.floats(QUERY_ADDRESS, query.length).set(query);
    const kind = search.metric === "euclidean" ? "distance" : "dot";
    scanner.scan({ kind, count: part.length, bytes: table.stride * 4 });
    const sums = memory.floats(SCORES_ADDRESS, part.length);
    for (let at = 0; at < part.length; at++) {
      const slot = part[at] ?? 0;
      nearest.offer(slot, farness(sums[at] ?? 0, search.metric, table.inverse(slot)));
    }
  }
  const length = Math.sqrt(exactSum(query, query, "dot-product"));
  return nearest.slots
    .map((slot) => ({
      slot,
      far: farness(exactSum(query, table.row(slot), search.metric), search.metric, table.inverse(slot)),
    }))
    .sort((left, right) => left.far - right.far || left.slot - right.slot)
    .slice(0, search.topK)
    .map(({ slot, far }) => ({ slot, score: scoreOf(far, search.metric, length) }));
}

/** What is smaller the nearer a vector is. */
function farness(sum: number, metric: Metric, inverse: number): number {
  if (metric === "euclidean") return sum;
  return metric === "cosine" ? -sum * inverse : -sum;
}

function scoreOf(far: number, metric: Metric, queryLength: number): number {
  if (metric === "euclidean") return Math.sqrt(far);
  if (metric === "dot-product") return far + 0;
  return queryLength === 0 ? 0 : Math.max(-1, Math.min(1, -far / queryLength));
}

function exactSum(query: Float32Array, row: Float32Array, metric: Metric): number {
  let sum = 0;
  for (let at = 0; at < query.length; at++) {
    const x = query[at] ?? 0;
    const y = row[at] ?? 0;
    sum += metric === "euclidean" ? (x - y) ** 2 : x * y;
  }
  return sum;
}

/** The slots with the smallest numbers, sorted. They are offered in the order of the slots. */
class Nearest {
  readonly slots: number[] = [];
  readonly #far: number[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  offer(slot: number, far: number): void {
    const full = this.slots.length === this.#capacity;
    if (full && far >= (this.#far[this.#capacity - 1] ?? 0)) return;
    let at = this.slots.length;
    while (at > 0 && (this.#far[at - 1] ?? 0) > far) at--;
    this.slots.splice(at, 0, slot);
    this.#far.splice(at, 0, far);
    if (!full) return;
    this.slots.pop();
    this.#far.pop();
  }
}
