import { formatCost } from "./format.ts";
import type { HopName, Trace } from "./trace.ts";
import { costOf, hopsOf, timeOf } from "./trace-sums.ts";
import type { Valuation } from "./valuation.ts";

/** Where a request for a valuation can come by. What the drawings show lights up by these names. */
export type StopName =
  | "browser"
  | "worker"
  | "check"
  | "fingerprint"
  | "answer-lookup"
  | "answer-hit"
  | "appraiser"
  | "memory"
  | ModelStop
  | "estimate"
  | PictureStop
  | "picture"
  | "by-model"
  | "tokens"
  | "metrics"
  | "record"
  | "answer";
type ModelStop = "reserve" | "gateway" | "passed-on" | "first" | "second" | "parse" | "settle" | "answer-keep";
type PictureStop = "picture-lookup" | "picture-hit" | "picture-model" | "picture-store" | "picture-keep";

/** What happened where a request came by. */
export interface Stop {
  readonly state: "taken" | "failed" | "passed by";
  /** ms, where it was measured. */
  readonly tookMs?: number;
  /** Where it was not: why, in a few words. */
  readonly untimed?: string;
  /** Billionths of a US dollar, where something can cost. */
  readonly costNano?: number;
  /** Of what is looked up where something is kept. */
  readonly cache?: "hit" | "miss";
  /** In a few words, where there is more to say. */
  readonly note?: string;
}

export type Path = Readonly<Record<StopName, Stop>>;

const PASSED: Stop = { state: "passed by" };
const COMPUTED = "a Worker’s clock stands still while it computes";
const THEN = "nothing was measured when it was made";

/**
 * The way that a valuation came about, from its record and from what was measured while it was made.
 *
 * @param trace null: made before anything was measured
 * @param models of the route, as it names them
 */
export function pathOf(valuation: Valuation, trace: Trace | null, models: readonly string[]): Path {
  const { way, origin, tookMs, costNano, picture, fingerprint, conversions } = valuation;
  const asked = way === "asked";
  const computed = (note?: string): Stop => ({ state: "taken", untimed: COMPUTED, ...(note && { note }) });
  return {
    browser: { state: "taken", untimed: "the way to here and back is not ours to measure" },
    worker: { state: "taken", tookMs, costNano },
    check: computed(),
    fingerprint: computed(`${fingerprint.slice(0, 8)}…`),
    ...cachePath(valuation, trace),
    ...(asked ? modelPath(valuation, trace, models) : MODELS_PASSED),
    estimate: origin.kind === "estimate" ? computed() : PASSED,
    ...(asked && trace ? picturePath(trace) : PICTURES_PASSED),
    picture: picture === null ? PASSED : { state: "taken", note: asked ? "shown" : "came with the answer" },
    "by-model": origin.kind === "ai" ? { state: "taken", note: "that is its label" } : PASSED,
    tokens: computed(`${conversions.providers.length} providers`),
    metrics: { state: "taken", untimed: "nobody waits for it" },
    record: { state: "taken", untimed: "what was measured is a part of what it writes" },
    answer: { state: "taken", tookMs, costNano },
  };
}

/** What was measured under some names, as one stop. */
function measured(trace: Trace | null, names: readonly HopName[], more?: Partial<Stop>): Stop {
  const hops = hopsOf(trace ?? [], ...names);
  const tookMs = timeOf(hops);
  const failed = hops.some(({ state }) => state === "failed" || state === "refused");
  return {
    state: failed ? "failed" : "taken",
    ...(tookMs === undefined ? { untimed: THEN } : { tookMs }),
    ...more,
  };
}

function cachePath({ way, origin }: Valuation, trace: Trace | null) {
  // Where nothing was measured, KV is taken for the one of the two that had it.
  const inMemory = way === "kept" && hopsOf(trace ?? [], "appraiser").length > 0;
  const inKv = way === "kept" && !inMemory;
  return {
    "answer-lookup": measured(trace, ["answer-lookup"], { cache: inKv ? "hit" : "miss" }),
    "answer-hit":
      way !== "asked" && origin.kind === "ai"
        ? { state: "taken" as const, costNano: 0, untimed: "it came with the look for it" }
        : PASSED,
    appraiser: inKv
      ? PASSED
      : measured(trace, ["appraiser"], {
          note:
            way === "joined"
              ? "somebody was asking the same"
              : inMemory
                ? "it still knew"
                : "nobody was asking already",
        }),
    memory: inKv
      ? PASSED
      : ({ state: "taken", cache: inMemory ? "hit" : "miss", untimed: "a part of the object’s time" } as const),
  };
}

const MODELS_PASSED: Readonly<Record<ModelStop, Stop>> = {
  reserve: PASSED,
  gateway: PASSED,
  "passed-on": PASSED,
  first: PASSED,
  second: PASSED,
  parse: PASSED,
  settle: PASSED,
  "answer-keep": PASSED,
};

function modelPath(
  { origin, costNano }: Valuation,
  trace: Trace | null,
  models: readonly string[],
): Readonly<Record<ModelStop, Stop>> {
  const calls = hopsOf(trace ?? [], "model");
  const reserved = hopsOf(trace ?? [], "reserve");
  const refused = origin.kind === "estimate" && origin.reason === "budget_exhausted";
  const called = trace ? calls.length > 0 : !refused;
  const held = reserved.reduce((sum, { heldNano = 0 }) => sum + heldNano, 0);
  return {
    ...MODELS_PASSED,
    reserve: measured(trace, ["reserve"], {
      ...(refused ? { state: "failed", note: "no room for it" } : held > 0 && { note: `${formatCost(held)} held` }),
    }),
    ...(called && {
      gateway: measured(trace, ["model"], calls.length > 1 ? { note: `${calls.length} calls` } : undefined),
      "passed-on": { state: "taken", untimed: INSIDE },
      ...whoAnswered(origin, trace, models),
      parse: parsed(origin, calls.filter(({ state }) => state === "done").length),
      settle: measured(trace, ["settle"], { costNano: trace ? costOf(hopsOf(trace, "settle")) : costNano }),
    }),
    ...(origin.kind === "ai" && { "answer-keep": measured(trace, ["answer-keep"]) }),
  };
}

const INSIDE = "a part of the gateway’s time";

function whoAnswered(
  origin: Valuation["origin"],
  trace: Trace | null,
  models: readonly string[],
): { readonly first: Stop; readonly second: Stop } {
  const last = hopsOf(trace ?? [], "model").findLast(({ state }) => state === "done")?.model;
  const fallback =
    origin.kind === "ai" ? origin.fallback : last === undefined ? undefined : models.findIndex(isModel(last)) > 0;
  // No answer: which of them failed in which way is the gateway's to know.
  if (fallback === undefined) {
    const failed: Stop = { state: "failed", note: "gave no answer", untimed: INSIDE };
    return { first: failed, second: models.length > 1 ? failed : PASSED };
  }
  const note =
    origin.kind === "ai" ? (origin.standIn ? "a stand-in answered" : "answered") : "answered, but no appraisal";
  const answered: Stop = { state: "taken", note, untimed: INSIDE };
  return fallback
    ? { first: { state: "failed", note: "failed", untimed: INSIDE }, second: answered }
    : { first: answered, second: PASSED };
}

/** The gateway leaves out the provider where it says the model. */
function isModel(said: string): (model: string) => boolean {
  const bare = (name: string) => name.replace(/^workers-ai\//, "");
  return (model) => bare(model) === bare(said) || model.endsWith(`/${said}`);
}

function parsed(origin: Valuation["origin"], answers: number): Stop {
  if (origin.kind === "ai") {
    return { state: "taken", untimed: COMPUTED, note: answers > 1 ? "after one repair" : "at once" };
  }
  return origin.reason === "invalid_answer"
    ? { state: "failed", untimed: COMPUTED, note: "no appraisal, also after one repair" }
    : PASSED;
}

const PICTURES_PASSED: Readonly<Record<PictureStop, Stop>> = {
  "picture-lookup": PASSED,
  "picture-hit": PASSED,
  "picture-model": PASSED,
  "picture-store": PASSED,
  "picture-keep": PASSED,
};

function picturePath(trace: Trace): Readonly<Record<PictureStop, Stop>> {
  const hit = trace.some(({ name, state }) => name === "picture-lookup" && state === "hit");
  const came = (name: HopName) => hopsOf(trace, name).length > 0;
  const costNano = costOf(hopsOf(trace, "picture-settle"));
  return {
    ...PICTURES_PASSED,
    // A stack without pictures does not look for one.
    ...(came("picture-lookup") && {
      "picture-lookup": measured(trace, ["picture-lookup"], { cache: hit ? "hit" : "miss" }),
    }),
    ...(hit && { "picture-hit": { state: "taken", costNano: 0, untimed: "it came with the look for it" } }),
    ...(came("picture-reserve") && {
      "picture-model": came("picture-model")
        ? measured(trace, ["picture-model"], { costNano })
        : measured(trace, ["picture-reserve"], { note: "the budget had no room for it" }),
    }),
    ...(came("picture-store") && { "picture-store": measured(trace, ["picture-store"]) }),
    ...(came("picture-keep") && { "picture-keep": measured(trace, ["picture-keep"]) }),
  };
}
