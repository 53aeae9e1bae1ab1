import { upperBound } from "./binomial-bound.ts";
import type { Decision } from "./decide-pairs.ts";
import type { LabelledPair } from "./read-pairs.ts";

/** One pair with all that is known of it. */
export interface Judged {
  readonly pair: LabelledPair;
  readonly decision: Decision;
  /** Cosine; absent when nothing was embedded. */
  readonly similarity?: number;
}

export interface GuardRow {
  readonly guard: string;
  /** Pairs of the same question that were not hit, in which this guard saw a difference. */
  readonly missed: readonly Judged[];
  /** Pairs of different questions in which it saw one. */
  readonly held: number;
  /** Of those, what no other guard would have held: false hits without it. */
  readonly heldAlone: number;
}

interface CurvePoint {
  readonly threshold: number;
  /** Pairs of the same question at or above it that the guards call the same. */
  readonly hits: number;
  /** Pairs of different questions at or above it that the guards call the same. */
  readonly falseHits: number;
  /** The same two by the threshold alone. */
  readonly hitsAlone: number;
  readonly falseHitsAlone: number;
}

export interface Measured {
  readonly same: number;
  readonly different: number;
  readonly hits: number;
  readonly falseHits: readonly Judged[];
  /** A true rate of false hits above it would show so few in so many pairs less than once in 20. */
  readonly falseHitBound: number;
  /** Of the same question but called different: these are never learned either. */
  readonly wronglyDifferent: readonly Judged[];
  readonly uncertain: number;
  readonly medianMs: number;
  readonly guards: readonly GuardRow[];
  /** Empty when nothing was embedded. */
  readonly curve: readonly CurvePoint[];
  readonly suggestion: Suggestion | undefined;
}

interface Suggestion {
  readonly similarityThreshold: number;
  readonly why: string;
}

const THRESHOLDS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99];
/** So many of the hits may be lost for fewer candidates to compare. */
const LOST = 0.01;

/** What labelled pairs say of the cache's decision. */
export function measure(judged: readonly Judged[]): Measured {
  const same = judged.filter(({ pair }) => pair.same);
  const different = judged.filter(({ pair }) => !pair.same);
  const isHit = ({ decision }: Judged) => decision.verdict === "same";
  const falseHits = different.filter(isHit);
  const times = judged.map(({ decision }) => decision.ms).sort((one, other) => one - other);
  return {
    same: same.length,
    different: different.length,
    hits: same.filter(isHit).length,
    falseHits,
    falseHitBound: upperBound(falseHits.length, different.length),
    wronglyDifferent: same.filter(({ decision }) => decision.verdict === "different"),
    uncertain: same.filter(({ decision }) => decision.verdict === "uncertain").length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    guards: guardRows(same, different),
    curve: judged.every(({ similarity }) => similarity === undefined) ? [] : curve(same, different),
    suggestion: suggest(same.filter(isHit), falseHits),
  };
}

function guardRows(same: readonly Judged[], different: readonly Judged[]): GuardRow[] {
  const names = [
    ...new Set([...same, ...different].flatMap(({ decision }) => decision.reasons.map(({ guard }) => guard))),
  ];
  const saw = (guard: string) => (each: Judged) => each.decision.reasons.some((reason) => reason.guard === guard);
  return names
    .map((guard) => ({
      guard,
      missed: same.filter(saw(guard)),
      held: different.filter(saw(guard)).length,
      heldAlone: different.filter(({ decision }) => decision.heldOnlyBy.includes(guard)).length,
    }))
    .sort((one, other) => other.missed.length - one.missed.length || other.held - one.held);
}

function curve(same: readonly Judged[], different: readonly Judged[]): CurvePoint[] {
  return THRESHOLDS.map((threshold) => {
    const near = ({ similarity }: Judged) => (similarity ?? 1) >= threshold;
    const hit = ({ decision }: Judged) => decision.verdict === "same";
    return {
      threshold,
      hits: same.filter((each) => near(each) && hit(each)).length,
      falseHits: different.filter((each) => near(each) && hit(each)).length,
      hitsAlone: same.filter(near).length,
      falseHitsAlone: different.filter(near).length,
    };
  });
}

/** The highest threshold that loses hardly a hit; where the guards let false hits pass, it rises above those if that keeps half of the hits. */
function suggest(hits: readonly Judged[], falseHits: readonly Judged[]): Suggestion | undefined {
  const known = hits.flatMap(({ similarity }) => similarity ?? []).sort((one, other) => one - other);
  const floor = known[Math.floor(known.length * LOST)];
  if (floor === undefined) return undefined;
  const threshold = Math.floor(floor * 100) / 100;
  const worst = Math.max(-1, ...falseHits.flatMap(({ similarity }) => similarity ?? []));
  if (worst < threshold)
    return { similarityThreshold: threshold, why: "the highest that loses at most 1 % of the hits" };
  const above = Math.floor(worst * 100 + 1) / 100;
  const kept = known.filter((similarity) => similarity >= above).length;
  if (above <= 1 && kept * 2 >= known.length)
    return {
      similarityThreshold: above,
      why: `above every false hit of these pairs; keeps ${kept} of ${known.length} hits`,
    };
  return {
    similarityThreshold: threshold,
    why: "no threshold parts the false hits from the hits: keep cache.semantic.mode at shadow for questions like these",
  };
}
