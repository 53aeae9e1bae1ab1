import { TIER_RANGES, type Tier } from "../domain/tier.ts";

/** The seal with a valuation's tier. */
export function TierSeal({ tier, small = false }: { readonly tier: Tier; readonly small?: boolean }) {
  const colour = tier === "S" ? "bg-serial text-sheet" : tier === "A" ? "bg-note text-note-ink" : "bg-ink text-sheet";
  const size = small ? "size-9 text-lg" : "size-18 text-4xl";
  return (
    <span
      className={`${colour} ${size} grid shrink-0 place-items-center rounded-full font-engraved font-bold ring-2 ring-sheet outline-1 outline-offset-2 outline-strong`}
      title={TIER_RANGES[tier]}
    >
      <span className="visually-hidden">Tier </span>
      {tier}
    </span>
  );
}
