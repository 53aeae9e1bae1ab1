import { CATEGORIES } from "../domain/category.ts";
import { formatCount, formatTime, formatUsd } from "../domain/format.ts";
import { TIER_RANGES } from "../domain/tier.ts";
import { middleOf } from "../domain/token-conversions.ts";
import type { Valuation } from "../domain/valuation.ts";
import { ConfidenceMeter } from "./confidence-meter.tsx";
import { OriginBadge } from "./origin-badge.tsx";
import { Rosette } from "./rosette.tsx";
import { TierSeal } from "./tier-seal.tsx";

type Shown = Pick<
  Valuation,
  "fingerprint" | "itemName" | "category" | "priceCents" | "confidence" | "tier" | "origin" | "analysis" | "picture"
> &
  Partial<Pick<Valuation, "id" | "createdAt" | "conversions">>;

/** A valuation as it is printed. */
export function Certificate({ valuation, level = "h1" }: { readonly valuation: Shown; readonly level?: "h1" | "h2" }) {
  const { fingerprint, itemName, category, priceCents, confidence, tier, origin, analysis, picture } = valuation;
  const Heading = level;
  return (
    <article
      className="certificate @container overflow-hidden p-5 sm:p-8"
      aria-labelledby={`name-${fingerprint.slice(0, 8)}`}
    >
      {picture !== null && (
        <Rosette
          fingerprint={fingerprint}
          className="pointer-events-none absolute -top-20 -right-56 hidden w-[34rem] opacity-35 @4xl:block"
        />
      )}
      <div className="relative grid gap-6 @md:grid-cols-[minmax(0,11rem)_minmax(0,1fr)] @md:gap-8 @2xl:grid-cols-[minmax(0,19rem)_minmax(0,1fr)] @2xl:gap-10">
        <figure className="relative self-start max-w-76">
          {picture === null ? (
            <Rosette fingerprint={fingerprint} className="aspect-square w-full bg-paper p-4" />
          ) : (
            <img
              src={`/pictures/${picture}`}
              alt={`${itemName}, as a model pictures it`}
              width={1024}
              height={1024}
              className="aspect-square w-full border border-line bg-sunken object-cover"
            />
          )}
          <div className="absolute -right-3 -bottom-3">
            <TierSeal tier={tier} />
          </div>
        </figure>
        <div className={picture === null ? "min-w-0" : "min-w-0 @4xl:pr-64"}>
          <p className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <OriginBadge origin={origin} />
            {valuation.id !== undefined && <span className="serial text-sm">{valuation.id}</span>}
          </p>
          <Heading
            id={`name-${fingerprint.slice(0, 8)}`}
            dir="auto"
            className="mt-4 font-engraved text-2xl font-semibold tracking-tight sm:text-3xl"
          >
            {itemName}
          </Heading>
          <p className="price mt-3">{formatUsd(priceCents)}</p>
          {valuation.conversions && (
            <p className="mt-3 text-lg">
              about <strong>{formatCount(middleOf(valuation.conversions))}</strong> AI tokens, at the middle of{" "}
              <a href="#tokens-heading">{valuation.conversions.providers.length} providers</a>
            </p>
          )}
          <dl className="mt-5 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            <dt className="text-soft">Confidence</dt>
            <dd>
              <ConfidenceMeter confidence={confidence} />
            </dd>
            <dt className="text-soft">Tier</dt>
            <dd>
              {tier}, {TIER_RANGES[tier]}
            </dd>
            <dt className="text-soft">Kind</dt>
            <dd>{CATEGORIES[category].label}</dd>
            {valuation.createdAt !== undefined && (
              <>
                <dt className="text-soft">Appraised</dt>
                <dd>
                  <time dateTime={new Date(valuation.createdAt).toISOString()}>{formatTime(valuation.createdAt)}</time>
                </dd>
              </>
            )}
          </dl>
          <p className="mt-5">{analysis}</p>
        </div>
      </div>
    </article>
  );
}
