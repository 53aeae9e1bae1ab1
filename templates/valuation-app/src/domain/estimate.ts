import { CATEGORIES, type CategoryName } from "./category.ts";
import { formatUsd } from "./format.ts";
import { centsAt } from "./preferred-prices.ts";
import { shortName } from "./short-name.ts";

/** How sure a price is. */
export const CONFIDENCES = ["low", "medium", "high"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What no model was needed for. */
export interface Estimate {
  readonly itemName: string;
  readonly priceCents: number;
  readonly confidence: Confidence;
  readonly analysis: string;
}

/**
 * The price that a fingerprint comes to: two of its numbers, added so that the middle of the category's usual prices is
 * likelier than its ends. Whole numbers only, so that the same description gives the same estimate on every machine and
 * for ever; the golden test holds it.
 *
 * @param fingerprint 64 hexadecimal digits
 */
export function estimate(description: string, category: CategoryName, fingerprint: string): Estimate {
  const { usual, label } = CATEGORIES[category];
  const [first, last] = usual;
  const place = Math.floor(((word(fingerprint, 0) + word(fingerprint, 1)) * (last - first + 1)) / 0x1_ffff);
  return {
    itemName: shortName(description),
    priceCents: centsAt(first + place),
    confidence: confidenceOf(word(fingerprint, 2) >> 8),
    analysis: `No model looked at this. The figure was drawn from the description's own fingerprint, within what things of this kind (${label.toLowerCase()}) usually cost: ${formatUsd(centsAt(first))} to ${formatUsd(centsAt(last))}. The same description always gives the same figure, so it can be compared, but it knows nothing of the market.`,
  };
}

/** A number of 16 bits. */
function word(fingerprint: string, index: number): number {
  return Number.parseInt(fingerprint.slice(index * 4, index * 4 + 4), 16);
}

/** Mostly low: it is an estimate. @param byte 0 to 255 */
function confidenceOf(byte: number): Confidence {
  if (byte < 160) return "low";
  return byte < 240 ? "medium" : "high";
}
