/** `$1,200`, `$4.50`; from a million on in words: `$1.2 million`. */
export function formatUsd(cents: number): string {
  const dollars = cents / 100;
  if (dollars >= 1_000_000) return `$${short(dollars)}`;
  return `$${dollars >= 100 || cents % 100 === 0 ? WHOLE.format(dollars) : CENTS.format(dollars)}`;
}

// A number's own toLocaleString makes a new one of these every time, which takes longer than all else here.
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const ONE_DIGIT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const TWO_DIGITS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

/** `940`, `1.2 million`, `35 billion`. */
export function formatCount(count: number): string {
  return count >= 1_000_000 ? short(count) : WHOLE.format(Math.round(count));
}

const WORDS = ["million", "billion", "trillion", "quadrillion", "quintillion"] as const;

function short(value: number): string {
  let rest = value / 1_000_000;
  let place = 0;
  while (rest >= 999.5 && place < WORDS.length - 1) {
    rest /= 1_000;
    place++;
  }
  const format = rest < 10 ? TWO_DIGITS : rest < 100 ? ONE_DIGIT : WHOLE;
  return `${format.format(rest)} ${WORDS[place]}`;
}

/** `21 November 2026, 19:12 UTC`: the same on the server and in every browser. */
export function formatTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}

/** `21 November 2026`, UTC. */
export function formatDay(ms: number): string {
  return formatTime(ms).split(",")[0] ?? "";
}

/** `21 November 2026`. @param date YYYY-MM-DD */
export function formatDate(date: string): string {
  return formatDay(Date.parse(`${date}T00:00:00Z`));
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** `nothing`, `$0.000213`, `$0.02`. @param nano billionths of a US dollar */
export function formatCost(nano: number): string {
  if (nano === 0) return "nothing";
  const digits = nano >= 10_000_000 ? 2 : nano >= 1_000 ? 6 : 9;
  return `$${(nano / 1e9).toFixed(digits)}`;
}

/** `under 1 ms`, `12 ms`, `1.2 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
