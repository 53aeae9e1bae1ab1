/**
 * A figure's sums over callers: each has some requests (`x`), and what these came to (`y`). The figure is the quotient
 * of the sums: the hit rate, say, is hits over hits and misses.
 */
export interface RatioSums {
  /** Callers with an `x`. */
  readonly subjects: number;
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/** A figure with its 95 % interval; the bounds are null when there are too few callers to say. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The normal distribution's 97.5 % quantile. */
const Z = 1.959964;

/**
 * A figure without bounds of its own (milliseconds, dollars), null without any request.
 *
 * Callers were dealt, not requests, and a caller's requests are alike: the interval is that of a ratio over clusters
 * (linearised variance, Student's t with callers - 1 degrees of freedom). One over requests would be too narrow.
 */
export function meanOf(sums: RatioSums): Estimate | null {
  if (sums.x <= 0) return null;
  const value = sums.y / sums.x;
  if (sums.subjects < 2) return { value, low: null, high: null };
  const half = studentQuantile(sums.subjects - 1) * Math.sqrt(varianceOf(sums));
  return { value, low: value - half, high: value + half };
}

/**
 * A figure between 0 and 1, null without any request: Wilson's interval for as many independent requests as the callers'
 * requests are worth. It does not shrink to nothing when all or none are hits.
 */
export function rateOf(sums: RatioSums): Estimate | null {
  if (sums.x <= 0) return null;
  const value = Math.min(1, Math.max(0, sums.y / sums.x));
  if (sums.subjects < 2) return { value, low: null, high: null };
  const t = studentQuantile(sums.subjects - 1);
  const count = effectiveCount(sums, value) * (Z / t) ** 2;
  const middle = (value + Z ** 2 / (2 * count)) / (1 + Z ** 2 / count);
  const half = (Z / (1 + Z ** 2 / count)) * Math.sqrt((value * (1 - value)) / count + Z ** 2 / (4 * count ** 2));
  return { value, low: Math.min(value, Math.max(0, middle - half)), high: Math.max(value, Math.min(1, middle + half)) };
}

/** How one figure differs from another that is independent of it, from the two intervals (Zou and Donner's MOVER). */
export function differenceOf(one: Estimate, other: Estimate): Estimate {
  const value = one.value - other.value;
  if (one.low === null || one.high === null || other.low === null || other.high === null) {
    return { value, low: null, high: null };
  }
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  };
}

/** The variance of the quotient over callers. */
function varianceOf({ subjects, x, y, xx, yy, xy }: RatioSums): number {
  const value = y / x;
  const squares = Math.max(0, yy - 2 * value * xy + value ** 2 * xx);
  return ((subjects / (subjects - 1)) * squares) / x ** 2;
}

/** How many independent requests say as much: at most as many as there are; all or none alike says one a caller. */
function effectiveCount(sums: RatioSums, value: number): number {
  if (value === 0 || value === 1) return Math.min(sums.x, sums.subjects);
  const variance = varianceOf(sums);
  return variance === 0 ? sums.x : Math.min(sums.x, (value * (1 - value)) / variance);
}

/** Student's 97.5 % quantiles for 1 to 30 degrees of freedom. */
const STUDENT = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604, 2.1448, 2.1314,
  2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];

/** From the table, then by the first terms of its expansion: exact to three places. */
function studentQuantile(degrees: number): number {
  const listed = STUDENT[degrees - 1];
  if (listed !== undefined) return listed;
  return Z + (Z ** 3 + Z) / (4 * degrees) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * degrees ** 2);
}
