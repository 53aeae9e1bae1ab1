import { formatDay, formatUsd } from "../domain/format.ts";
import { courseInWords } from "../domain/price-history.ts";
import type { ListedCourse } from "../follow-valuation.ts";
import { PriceLine } from "./price-line.tsx";

const WIDTH = 120;
const HEIGHT = 30;
const MARGIN = 4;

/** How a listed valuation's price goes: a small line, its sum in words, and all prices for who does not see the line. */
export function PriceSpark({ course: { points, dueAt } }: { readonly course: ListedCourse }) {
  const next = dueAt === null ? "" : `A model is asked again on ${formatDay(dueAt)}.`;
  if (points.length < 2) return <p className="mt-2 text-sm text-soft">{`Followed. ${next}`}</p>;
  return (
    <figure className="mt-2">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
        <PriceLine points={points} width={WIDTH} height={HEIGHT} margin={MARGIN} dots="last" />
      </svg>
      <figcaption className="text-sm text-soft">
        {courseInWords(points)}
        {dueAt !== null && ", followed"}
        <span className="visually-hidden">
          {`. Its prices: ${points.map(({ at, priceCents }) => `${formatUsd(priceCents)} on ${formatDay(at)}`).join("; ")}. ${next}`}
        </span>
      </figcaption>
    </figure>
  );
}
