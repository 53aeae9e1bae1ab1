import { formatTime, formatUsd } from "../domain/format.ts";
import { type PricePoint, placePrices } from "../domain/price-history.ts";

/**
 * A price's course as a line in a box of its own units.
 *
 * @param dots which prices are dots that say what they are
 */
export function PriceLine({
  points,
  width,
  height,
  margin,
  dots,
}: {
  readonly points: readonly PricePoint[];
  readonly width: number;
  readonly height: number;
  readonly margin: number;
  readonly dots: "all" | "last";
}) {
  const places = placePrices(points).map(({ x, y }) => ({
    x: margin + x * (width - 2 * margin),
    y: height - margin - y * (height - 2 * margin),
  }));
  const line = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return (
    <>
      <polyline points={line} className="fill-none stroke-note" strokeWidth={2} strokeLinejoin="round" />
      {points.map(({ at, priceCents }, index) => {
        const place = places[index];
        if (!place || (dots === "last" && index < points.length - 1)) return null;
        return (
          <circle key={at} cx={place.x} cy={place.y} r={3.5} className="fill-note">
            <title>{`${formatUsd(priceCents)}, ${formatTime(at)}`}</title>
          </circle>
        );
      })}
    </>
  );
}
