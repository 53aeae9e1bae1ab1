import type { Claim } from "./answer-reader.ts";
import { locateQuote } from "./locate-quote.ts";
import type { Passage } from "./question-prompt.ts";

/** A quote that stands in a passage. */
export interface CheckedClaim {
  /** The passage's number in the prompt, from 1. */
  readonly source: number;
  /** The passage's own words. */
  readonly quote: string;
  /** Where they begin in the passage. */
  readonly start: number;
}

/**
 * Keeps the quotes that stand in the passages, in the passages' own words. One that stands in another passage than it
 * says is that one's. A passage that was not given cannot be cited, whatever the model says.
 */
export function checkClaims(
  claims: readonly Claim[],
  passages: readonly Passage[],
): { readonly kept: CheckedClaim[]; readonly dropped: number } {
  const kept: CheckedClaim[] = [];
  let dropped = 0;
  for (const { source, quote } of claims) {
    const order = [source, ...passages.map((_, index) => index + 1).filter((number) => number !== source)];
    const found = order.flatMap((number) => citedIn(passages, number, quote) ?? [])[0];
    if (!found) dropped++;
    else if (!kept.some((one) => one.source === found.source && one.quote === found.quote)) kept.push(found);
  }
  return { kept, dropped };
}

/** Sentences of an answer that stand in a passage as they are prove themselves. */
export function citeVerbatim(answer: string, passages: readonly Passage[]): CheckedClaim[] {
  const sentences = answer
    .replace(/\s*\[\d{1,2}\]/g, "")
    .split(/(?<=[.!?…]["'”’)\]*]*)\s+|\n+/)
    .flatMap((sentence) => {
      // "The context says: …" and the like are the model's, what follows may be the source's.
      const after = sentence.indexOf(": ");
      return after < 0 ? [[sentence]] : [[sentence, sentence.slice(after + 2)]];
    });
  const claims = sentences.flatMap((forms) => {
    for (const form of forms) {
      if ((form.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) < 3) continue;
      const found = passages.flatMap((_, index) => citedIn(passages, index + 1, form) ?? [])[0];
      if (found) return [found];
    }
    return [];
  });
  return claims.filter(
    (claim, index) => claims.findIndex((one) => one.source === claim.source && one.start === claim.start) === index,
  );
}

/** The answer without the numbers of sources that nothing proves. */
export function withoutUnproven(answer: string, proven: readonly CheckedClaim[]): string {
  return answer.replace(/[ \t]*\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]/g, (marker, numbers: string) => {
    const each = numbers.split(",").map((number) => Number(number.trim()));
    const kept = each.filter((number) => proven.some(({ source }) => source === number));
    if (kept.length === 0) return "";
    return kept.length === each.length ? marker : ` [${kept.join(", ")}]`;
  });
}

function citedIn(passages: readonly Passage[], number: number, quote: string): CheckedClaim | null {
  const passage = passages[number - 1];
  const place = passage && locateQuote(passage.text, quote);
  return place ? { source: number, quote: passage.text.slice(place.start, place.end), start: place.start } : null;
}
