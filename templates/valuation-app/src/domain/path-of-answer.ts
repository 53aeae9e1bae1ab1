import type { Valuation } from "./valuation.ts";

/** Where a request for a valuation can come by, in its order. */
export const STATIONS = [
  {
    id: "form",
    title: "The form, or the API",
    product: "Worker",
    explains:
      "What was written is checked, and made the same however it was typed. Its SHA-256 is the key of everything that follows.",
  },
  {
    id: "kept",
    title: "A kept answer",
    product: "KV and Durable Object",
    explains: "A model’s answer is kept for a while. An estimate never is.",
  },
  {
    id: "appraiser",
    title: "One question for all",
    product: "Durable Object",
    explains: "One object a description: whoever asks the same at the same moment waits for the same answer.",
  },
  {
    id: "budget",
    title: "The budget",
    product: "D1",
    explains:
      "The worst case of a call is reserved before it, and its true cost settled after it. What does not fit is not asked.",
  },
  {
    id: "first",
    title: "The first model",
    product: "AI Gateway and Workers AI",
    explains: "The gateway’s dynamic route asks it first, and once more when its answer is no appraisal.",
  },
  {
    id: "second",
    title: "The second model",
    product: "AI Gateway and Workers AI",
    explains: "Asked when the first one fails.",
  },
  {
    id: "estimate",
    title: "The deterministic estimate",
    product: "Worker",
    explains: "Arithmetic on the key, when no model answers: the same on every machine and for ever.",
  },
  {
    id: "picture",
    title: "The picture",
    product: "Workers AI, R2 and KV",
    explains:
      "Made while the model is being asked, and shown again for a day. Whatever goes wrong with it, the valuation comes.",
  },
  {
    id: "tokens",
    title: "What it buys",
    product: "Worker",
    explains: "The price at each provider’s own prices, from a dated list.",
  },
  {
    id: "record",
    title: "The record",
    product: "D1",
    explains: "Kept as what it is, under an address that cannot be guessed.",
  },
] as const;
export type Station = (typeof STATIONS)[number]["id"];

/** What happened at a station. */
export interface Stop {
  readonly state: "taken" | "failed" | "passed by";
  /** In a few words, where there is more to say. */
  readonly note?: string;
}

/** The way that a valuation came about, from its record. */
export function pathOf({ origin, way, picture, costNano }: Valuation): Readonly<Record<Station, Stop>> {
  const taken = (note?: string): Stop => ({ state: "taken", ...(note !== undefined && { note }) });
  const failed = (note: string): Stop => ({ state: "failed", note });
  const passed: Stop = { state: "passed by" };
  const kept = way === "kept";
  const refused = origin.kind === "estimate" && origin.reason === "budget_exhausted";
  const cost = costNano === 0 ? "nothing was paid" : `$${(costNano / 1e9).toFixed(6)} in all`;
  return {
    form: taken(),
    kept: kept ? taken("it was there") : failed("there was none"),
    appraiser: kept ? passed : taken(way === "joined" ? "somebody was asking already" : "nobody was asking"),
    budget: kept || way === "joined" ? passed : refused ? failed("it is used up") : taken(cost),
    ...modelsOf(origin, kept || refused),
    estimate: origin.kind === "estimate" ? taken() : passed,
    picture: picture === null ? passed : taken(),
    tokens: taken(),
    record: taken(),
  };
}

function modelsOf(origin: Valuation["origin"], notAsked: boolean): { readonly first: Stop; readonly second: Stop } {
  const passed: Stop = { state: "passed by" };
  if (notAsked) return { first: passed, second: passed };
  if (origin.kind === "ai") {
    const answered: Stop = { state: "taken", note: origin.standIn ? "a stand-in answered" : "it answered" };
    return origin.fallback
      ? { first: { state: "failed", note: "it failed" }, second: answered }
      : { first: answered, second: passed };
  }
  const note = origin.reason === "invalid_answer" ? "it gave no appraisal" : "it gave no answer";
  // Which of the two it was is not in the record.
  return { first: { state: "failed", note }, second: { state: "failed", note } };
}
