/**
 * Prices as people say them: 24 to each factor of ten, a constant ratio apart (the E24 series). A table of whole
 * numbers, because logarithms differ in their last digit from one machine to the next.
 * @see https://en.wikipedia.org/wiki/E_series_of_preferred_numbers
 */
const SERIES = [
  100, 110, 120, 130, 150, 160, 180, 200, 220, 240, 270, 300, 330, 360, 390, 430, 470, 510, 560, 620, 680, 750, 820,
  910,
] as const;

/** Cents of a step; step 0 is $1.00, step 24 is $10.00. */
export function centsAt(index: number): number {
  let cents: number = SERIES[index % SERIES.length] ?? 0;
  for (let decade = Math.floor(index / SERIES.length); decade > 0; decade--) cents *= 10;
  return cents;
}

/** The step of a price. @param dollars one of the series. @throws RangeError for another price */
export function step(dollars: number): number {
  let rest = Math.round(dollars * 100);
  let decades = 0;
  while (rest >= 1_000) {
    rest /= 10;
    decades++;
  }
  const place = (SERIES as readonly number[]).indexOf(rest);
  if (place < 0) throw new RangeError(`$${dollars} is not a preferred price`);
  return decades * SERIES.length + place;
}
