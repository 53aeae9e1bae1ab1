/** How the pages say things. */

const count = new Intl.NumberFormat("en");

/** `12,345` */
export const number = (value) => count.format(value);

/** `1 request`, `12,345 requests` */
export const many = (value, one, several = `${one}s`) => `${number(value)} ${value === 1 ? one : several}`;

/** `$0.41`; small amounts keep two digits that say something: `$0.00012`. */
export function money(usd) {
  if (usd === 0) return "$0";
  if (usd >= 0.1) return `$${usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const places = Math.min(9, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(places).replace(/(?<=\d)0+$/, "")}`;
}

/** `84 %`, `99.6 %`; a rate of nothing is `–`. */
export function percent(rate) {
  if (rate === null) return "–";
  const hundred = rate * 100;
  const places = hundred > 0 && hundred < 100 && (hundred > 99 || hundred < 1) ? 1 : 0;
  return `${hundred.toFixed(places)} %`;
}

/** A time that a request took: `< 1 ms`, `4 ms`, `1.8 s`. */
export function took(ms) {
  if (ms === null) return "–";
  if (ms < 1) return "< 1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** A kept answer's age: `just now`, `12 s`, `5 min`, `3 h`. */
export function age(seconds) {
  if (seconds < 2) return "just now";
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

/** What each way of answering is, in words; by the value of `x-cache`. */
export const OUTCOMES = {
  "hit-exact": { short: "hit", detail: "exact", means: "This very question was answered before." },
  "hit-semantic": { short: "hit", detail: "semantic", means: "A question that means the same was answered before." },
  coalesced: { short: "shared", detail: "one call", means: "Somebody was asking it at that moment: one call for all." },
  stale: { short: "hit", detail: "aged", means: "Past its lifetime; a new answer is on its way." },
  miss: { short: "paid", detail: "miss", means: "A model has answered, and the answer is kept." },
  bypass: { short: "paid", detail: "bypass", means: "A model has answered; nothing is kept." },
  cited: { short: "quoted", detail: "documents", means: "Each quote stands in its document exactly so." },
  uncited: { short: "said", detail: "no quote", means: "Answered from the documents, but no quote proves it." },
  "not-contained": { short: "none", detail: "documents", means: "The documents do not hold it." },
  error: { short: "none", detail: "error", means: "There was no answer." },
};
