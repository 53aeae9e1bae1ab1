/** Median, minimum and maximum of some figures. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) };
}

/** `1.24 s (1.20–1.31)` from milliseconds. */
export function secondsOf(figures: readonly number[]): string {
  const { median, min, max } = spread(figures);
  const text = (ms: number) => (ms / 1000).toFixed(2);
  return `${text(median)} s (${text(min)}–${text(max)})`;
}

/** `3120 (2980–3300)` of rates. */
export function perSecond(figures: readonly number[]): string {
  const { median, min, max } = spread(figures);
  return `${Math.round(median)} (${Math.round(min)}–${Math.round(max)})`;
}

/** The figure that so large a part of them does not exceed. @param sorted ascending @param share 0 to 1 */
export function percentile(sorted: ArrayLike<number>, share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
