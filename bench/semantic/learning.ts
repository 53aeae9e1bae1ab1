import { decide } from "../../templates/edge-cache/src/domain/semantic/decide.ts";
import type { Pair } from "./pairs.ts";

/** As the template's settings have them by default. */
const CANDIDATES = 5;
const THRESHOLD = 0.5;

/** What becomes of rephrasings, once their questions are among the kept ones. */
export interface Learning {
  readonly asked: number;
  /** Kept questions that a rephrasing is searched among. */
  readonly kept: number;
  /** Served at once, by the right answer. */
  readonly hits: number;
  /** Served at once, by the answer to a kept question that the rules call the same as its own. */
  readonly twins: number;
  /** Served at once, by the answer to another question. */
  readonly wrong: number;
  /** Its own question is among the candidates, and the rules leave it open: the answers are compared, or a model judges. */
  readonly learnable: number;
  /** The rules call it different, so nothing is learned. */
  readonly refused: number;
  /** Not near enough, or five others are nearer. */
  readonly notFound: number;
}

/** Follows the run-time's rule: the nearest kept questions, nearest first; the first that is the same answers; of the others, open ones are learned from. */
export function simulate(
  rephrasings: readonly Pair[],
  kept: readonly string[],
  vectors: ReadonlyMap<string, readonly number[]>,
): Learning {
  const counts = { hits: 0, twins: 0, wrong: 0, learnable: 0, refused: 0, notFound: 0 };
  for (const { asked, candidate } of rephrasings) {
    const own = asked.at(-1)?.content ?? "";
    const again = candidate.at(-1)?.content ?? "";
    const nearest = kept
      .map((text) => ({ text, cosine: dot(vectors.get(text) ?? [], vectors.get(again) ?? []) }))
      .filter(({ cosine }) => cosine >= THRESHOLD)
      .sort((one, other) => other.cosine - one.cosine)
      .slice(0, CANDIDATES)
      .map(({ text }) => ({
        text,
        verdict: decide([{ role: "user", content: again }], [{ role: "user", content: text }]).verdict,
      }));
    const served = nearest.find(({ verdict }) => verdict === "same");
    const found = nearest.find(({ text }) => text === own);
    if (served !== undefined) {
      const twin =
        decide([{ role: "user", content: own }], [{ role: "user", content: served.text }]).verdict === "same";
      counts[served.text === own ? "hits" : twin ? "twins" : "wrong"]++;
    } else if (found === undefined) counts.notFound++;
    else counts[found.verdict === "uncertain" ? "learnable" : "refused"]++;
  }
  return { asked: rephrasings.length, kept: kept.length, ...counts };
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
