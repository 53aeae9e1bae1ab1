import type { Confidence } from "./estimate.ts";
import type { ListedValuation } from "./valuation.ts";

/** What a thing was said to be worth at some time. */
export interface PricePoint {
  /** ms since 1970 */
  readonly at: number;
  readonly priceCents: number;
  readonly confidence: Confidence;
  /** Who said so: the route's name of a model; null for the deterministic estimate. */
  readonly model: string | null;
  readonly standIn: boolean;
}

/** The first point: what the valuation itself says. */
export function firstPoint({ createdAt, priceCents, confidence, origin }: ListedValuation): PricePoint {
  const ai = origin.kind === "ai" ? origin : null;
  return { at: createdAt, priceCents, confidence, model: ai?.model ?? null, standIn: ai?.standIn ?? false };
}

/** Places in the unit square, the oldest price on the left, the highest at the top. A price that never moved is in the middle. */
export function placePrices(points: readonly PricePoint[]): readonly { readonly x: number; readonly y: number }[] {
  const times = points.map(({ at }) => at);
  const prices = points.map(({ priceCents }) => priceCents);
  const part = (value: number, all: readonly number[]) => {
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return most === least ? 0.5 : (value - least) / (most - least);
  };
  return points.map(({ at, priceCents }) => ({ x: part(at, times), y: part(priceCents, prices) }));
}

const DAY_MS = 86_400_000;

/** `up 12 % in 21 days`, `down 3.5 % in 1 day`, `as it was 7 days ago`: the last price against the first. */
export function courseInWords(points: readonly PricePoint[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return "";
  const days = Math.round((last.at - first.at) / DAY_MS);
  const time = `${days} ${days === 1 ? "day" : "days"}`;
  if (first.priceCents === last.priceCents) return `as it was ${time} ago`;
  const percent = Math.abs((last.priceCents - first.priceCents) / first.priceCents) * 100;
  const change = `${last.priceCents > first.priceCents ? "up" : "down"} ${percent.toFixed(percent < 10 ? 1 : 0)} %`;
  return `${change} in ${time}`;
}
