/** How the requests to a version went since the rollout's last step. Durations are ms. */
export interface Figures {
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** What is asked of a new version. */
export interface HealthRule {
  /** Requests that the new version must have answered. */
  readonly requests: number;
}

export type Health =
  | { readonly state: "healthy" }
  /** Too few requests to say. */
  | { readonly state: "waiting" }
  | { readonly state: "unhealthy"; readonly reason: string };

/** How much more often than the old version the new one may fail: a share of its requests. */
const MORE_ERRORS = 0.01;
/** One failure may have any cause. */
const FEWEST_ERRORS = 2;
/** How much slower its slow requests may be than the old one's, times and ms. */
const SLOWER = 1.5;
const SLOWER_MS = 100;

/**
 * Compares the new version with the old one, on the same requests' mix at the same time. Errors count as soon as they
 * are beyond doubt; durations once there are enough requests of both, and bad ones a second time.
 */
export function judge(old: Figures, now: Figures, rule: HealthRule): Health {
  const usual = old.requests === 0 ? 0 : old.errors / old.requests;
  const excess = now.errors - usual * now.requests;
  if (excess >= FEWEST_ERRORS && excess > MORE_ERRORS * now.requests) {
    return {
      state: "unhealthy",
      reason: `${now.errors} of ${now.requests} requests failed (${percent(now.errors / now.requests)}), old ${percent(usual)}`,
    };
  }
  if (now.requests < rule.requests) return { state: "waiting" };
  const comparable = old.requests >= Math.min(rule.requests, ENOUGH_FOR_P95);
  if (comparable && old.p95Ms !== null && now.p95Ms !== null && now.p95Ms > old.p95Ms * SLOWER + SLOWER_MS) {
    if (now.requests < rule.requests * SURE_OF_P95) return { state: "waiting" };
    return {
      state: "unhealthy",
      reason: `p95 is ${Math.round(now.p95Ms)} ms, old ${Math.round(old.p95Ms)} ms`,
    };
  }
  return { state: "healthy" };
}

/** A version's first requests are slow: so many times the requests have to come before it is too slow for good. */
const SURE_OF_P95 = 3;
/** Requests of the old version below which its p95 says nothing. */
const ENOUGH_FOR_P95 = 20;

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
