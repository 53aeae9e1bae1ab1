/** How the requests to one version of a Worker went. Durations are ms, up to 5 % too long. */
export interface Figures {
  readonly requests: number;
  /** Answers of 500 and above, and requests that the version left without one. */
  readonly errors: number;
  /** Null before the first request. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** Each bucket ends 5 % above the one before; the first at 0.1 ms, the last beyond an hour. */
const GROWTH = Math.log(1.05);
const SHORTEST_MS = 0.1;
const BUCKETS = 360;

/** Counts the requests of a Worker's versions since its last deployment, in a fixed amount of memory. */
export class VersionFigures {
  readonly #versions = new Map<string, { requests: number; errors: number; durations: Uint32Array }>();

  /** @param duration ms */
  add(versionId: string, failed: boolean, duration: number): void {
    let counts = this.#versions.get(versionId);
    if (counts === undefined) {
      counts = { requests: 0, errors: 0, durations: new Uint32Array(BUCKETS) };
      this.#versions.set(versionId, counts);
    }
    counts.requests += 1;
    if (failed) counts.errors += 1;
    const place = Math.ceil(Math.log(Math.max(duration, SHORTEST_MS) / SHORTEST_MS) / GROWTH);
    const bucket = Math.min(place, BUCKETS - 1);
    counts.durations[bucket] = (counts.durations[bucket] ?? 0) + 1;
  }

  /** Begins anew. */
  clear(): void {
    this.#versions.clear();
  }

  of(versionId: string): Figures {
    const counts = this.#versions.get(versionId);
    if (counts === undefined) return { requests: 0, errors: 0, p50Ms: null, p95Ms: null };
    const { requests, errors, durations } = counts;
    return { requests, errors, p50Ms: quantile(durations, requests, 0.5), p95Ms: quantile(durations, requests, 0.95) };
  }
}

/** Where the bucket ends that holds this share of the requests. */
function quantile(durations: Uint32Array, requests: number, share: number): number {
  let left = Math.ceil(requests * share);
  const bucket = durations.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return Math.round(SHORTEST_MS * Math.exp(bucket * GROWTH) * 10) / 10;
}
