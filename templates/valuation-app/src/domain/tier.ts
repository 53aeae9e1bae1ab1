/** How rare a price is, S the rarest. */
export const TIERS = ["S", "A", "B", "C", "D"] as const;
export type Tier = (typeof TIERS)[number];

/** From so many cents up. */
const LEAST: Readonly<Record<Tier, number>> = { S: 10_000_000, A: 1_000_000, B: 100_000, C: 10_000, D: 0 };

/** S from $100,000, A from $10,000, B from $1,000, C from $100, D below. */
export function tierOf(cents: number): Tier {
  return TIERS.find((tier) => cents >= LEAST[tier]) ?? "D";
}

/** What a tier means, in words. */
export const TIER_RANGES: Readonly<Record<Tier, string>> = {
  S: "$100,000 and more",
  A: "$10,000 to $100,000",
  B: "$1,000 to $10,000",
  C: "$100 to $1,000",
  D: "less than $100",
};
