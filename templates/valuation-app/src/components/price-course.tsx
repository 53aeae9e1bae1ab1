import { formatTime, formatUsd } from "../domain/format.ts";
import { courseInWords, type PricePoint } from "../domain/price-history.ts";
import type { Course } from "../follow-valuation.ts";
import { PriceLine } from "./price-line.tsx";

/** The drawing's size in its own units, and what is left free around the line. */
const WIDTH = 320;
const HEIGHT = 96;
const MARGIN = 10;

/** How the price has gone since, and whether a model is asked again. Its owner can change that, also without a script. */
export function PriceCourse({
  id,
  course: { followed, everyDays, points },
  own,
  problem,
}: {
  readonly id: string;
  readonly course: Course;
  readonly own: boolean;
  readonly problem: string | null;
}) {
  // To whom it says nothing, and who cannot change that, it is not shown.
  if (points.length < 2 && !(own && everyDays !== null)) return null;
  const often = everyDays === 7 ? "every week" : everyDays === 1 ? "every day" : `every ${everyDays} days`;
  return (
    <section aria-labelledby="course-heading" className="flow">
      <h2 id="course-heading">How its price goes</h2>
      {points.length > 1 && <Chart points={points} />}
      {followed && everyDays !== null && <p>A model is asked again {often}, within a part of the month’s budget.</p>}
      {!followed && points.length < 2 && <p className="text-soft">Follow it, and a model is asked again {often}.</p>}
      {own && (everyDays !== null || followed) && (
        <form method="post" action={`/v/${id}`} className="no-print">
          <button type="submit" name="follow" value={followed ? "no" : "yes"}>
            {followed ? "Stop following its price" : "Follow its price"}
          </button>
        </form>
      )}
      {problem !== null && (
        <p role="alert" className="error">
          {problem}
        </p>
      )}
    </section>
  );
}

function Chart({ points }: { readonly points: readonly PricePoint[] }) {
  const summary = courseInWords(points);
  return (
    <figure className="flow">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full border border-line bg-sheet"
        role="img"
        aria-label={summary}
      >
        <PriceLine points={points} width={WIDTH} height={HEIGHT} margin={MARGIN} dots="all" />
      </svg>
      <figcaption>The price is {summary}.</figcaption>
      <details>
        <summary>All prices</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Appraised</th>
              <th scope="col">Price</th>
              <th scope="col">Said by</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ at, priceCents, model, standIn }) => (
              <tr key={at}>
                <th scope="row" className="font-normal">
                  <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
                </th>
                <td className="numeric">{formatUsd(priceCents)}</td>
                <td className="text-soft">
                  {model === null ? "the estimate" : standIn ? "a stand-in" : (model.split("/").at(-1) ?? model)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
