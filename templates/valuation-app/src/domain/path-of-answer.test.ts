import { describe, expect, it } from "vitest";
import { SPECIMEN } from "../specimen.ts";
import { pathOf, type StopName } from "./path-of-answer.ts";
import type { Hop, HopName, Trace } from "./trace.ts";
import type { Valuation } from "./valuation.ts";

const MODELS = ["@cf/a/first", "@cf/b/second"];
const AI = { kind: "ai", model: "@cf/a/first", fallback: false, standIn: false } as const;
const base = {
  ...SPECIMEN,
  conversions: { providers: [] },
  origin: AI,
  way: "asked",
  picture: "pic_1.jpg",
  tookMs: 900,
  costNano: 1_500_000,
} as unknown as Valuation; // all that a path is made of
const hop = (name: HopName, more: Partial<Hop> = {}): Hop => ({
  name,
  startMs: 0,
  tookMs: 5,
  state: "done",
  ...more,
});
const LOOKED: Trace = [hop("answer-lookup", { state: "miss" }), hop("appraiser", { state: "miss", tookMs: 800 })];
const CALLED: Trace = [
  ...LOOKED,
  hop("reserve", { heldNano: 3_000_000 }),
  hop("model", { model: "@cf/a/first", tookMs: 700 }),
  hop("settle", { costNano: 1_000_000 }),
];
const PICTURED: Trace = [
  hop("picture-lookup", { state: "miss" }),
  hop("picture-reserve"),
  hop("picture-model", { tookMs: 600 }),
  hop("picture-settle", { costNano: 500_000 }),
  hop("picture-store"),
  hop("picture-keep"),
];
const at = (valuation: Valuation, trace: Trace | null, ...names: readonly StopName[]) => {
  const path = pathOf(valuation, trace, MODELS);
  return Object.fromEntries(names.map((name) => [name, path[name]]));
};

describe("the path of an answer", () => {
  it("has the time, the cost and the cache’s word of each wait", () => {
    const trace = [...CALLED, hop("answer-keep", { tookMs: 3 }), ...PICTURED];
    expect(
      at(base, trace, "answer-lookup", "appraiser", "reserve", "gateway", "first", "settle", "picture-model", "answer"),
    ).toMatchObject({
      "answer-lookup": { state: "taken", cache: "miss", tookMs: 5 },
      appraiser: { state: "taken", tookMs: 800 },
      reserve: { state: "taken", note: "$0.003000 held" },
      gateway: { state: "taken", tookMs: 700 },
      first: { state: "taken", note: "answered" },
      settle: { state: "taken", costNano: 1_000_000 },
      "picture-model": { state: "taken", tookMs: 600, costNano: 500_000 },
      answer: { state: "taken", tookMs: 900, costNano: 1_500_000 },
    });
  });

  it("says why there is no time where none can be measured", () => {
    const { check, first, record } = at(base, CALLED, "check", "first", "record");
    for (const stop of [check, first, record]) {
      expect(stop?.tookMs).toBeUndefined();
      expect(stop?.untimed).toMatch(/\w/);
    }
  });

  it("passes all models by when KV has the answer", () => {
    const kept = { ...base, way: "kept", costNano: 0 } as const;
    const stops = at(
      kept,
      [hop("answer-lookup", { state: "hit" })],
      "answer-lookup",
      "answer-hit",
      "appraiser",
      "first",
    );
    expect(stops).toMatchObject({
      "answer-lookup": { cache: "hit" },
      "answer-hit": { state: "taken" },
      appraiser: { state: "passed by" },
      first: { state: "passed by" },
    });
  });

  it("ends in the object’s memory when KV has not heard of the answer yet, or somebody is asking already", () => {
    const remembered = [hop("answer-lookup", { state: "miss" }), hop("appraiser", { state: "hit" })];
    expect(at({ ...base, way: "kept" }, remembered, "answer-lookup", "memory", "answer-hit", "gateway")).toMatchObject({
      "answer-lookup": { cache: "miss" },
      memory: { cache: "hit" },
      "answer-hit": { state: "taken" },
      gateway: { state: "passed by" },
    });
    expect(at({ ...base, way: "joined" }, LOOKED, "appraiser", "answer-hit", "reserve")).toMatchObject({
      appraiser: { note: "somebody was asking the same" },
      "answer-hit": { state: "taken" },
      reserve: { state: "passed by" },
    });
  });

  it("goes by the second model when the first fails", () => {
    const fallback = { ...base, origin: { ...AI, model: "@cf/b/second", fallback: true } };
    expect(at(fallback, CALLED, "first", "second")).toMatchObject({
      first: { state: "failed" },
      second: { state: "taken" },
    });
  });

  it("ends at the budget when that is used up", () => {
    const exhausted = { ...base, picture: null, origin: { kind: "estimate", reason: "budget_exhausted" } } as const;
    const trace = [...LOOKED, hop("reserve", { state: "refused" })];
    expect(at(exhausted, trace, "reserve", "gateway", "first", "estimate", "by-model")).toMatchObject({
      reserve: { state: "failed", tookMs: 5 },
      gateway: { state: "passed by" },
      first: { state: "passed by" },
      estimate: { state: "taken" },
      "by-model": { state: "passed by" },
    });
  });

  it("ends at the models when none answers, and at what they said when that is no appraisal", () => {
    const down = { ...base, origin: { kind: "estimate", reason: "model_unavailable" } } as const;
    expect(
      at(down, [...LOOKED, hop("reserve"), hop("model", { state: "failed" })], "gateway", "first", "second", "parse"),
    ).toMatchObject({
      gateway: { state: "failed" },
      first: { state: "failed" },
      second: { state: "failed" },
      parse: { state: "passed by" },
    });
    const prose = { ...base, origin: { kind: "estimate", reason: "invalid_answer" } } as const;
    expect(at(prose, [...CALLED, ...CALLED.slice(2)], "gateway", "first", "second", "parse", "settle")).toMatchObject({
      gateway: { state: "taken", tookMs: 1_400, note: "2 calls" },
      first: { state: "taken", note: "answered, but no appraisal" },
      second: { state: "passed by" },
      parse: { state: "failed" },
      settle: { costNano: 2_000_000 },
    });
  });

  it("knows a picture that was kept, one that the budget had no room for, and a stack without pictures", () => {
    const known = [...CALLED, hop("picture-lookup", { state: "hit" })];
    expect(at(base, known, "picture-lookup", "picture-hit", "picture-model")).toMatchObject({
      "picture-lookup": { cache: "hit" },
      "picture-hit": { state: "taken" },
      "picture-model": { state: "passed by" },
    });
    const refused = [...CALLED, hop("picture-lookup", { state: "miss" }), hop("picture-reserve", { state: "refused" })];
    expect(at({ ...base, picture: null }, refused, "picture-model", "picture-store", "picture")).toMatchObject({
      "picture-model": { state: "failed" },
      "picture-store": { state: "passed by" },
      picture: { state: "passed by" },
    });
    expect(at({ ...base, picture: null }, CALLED, "picture-lookup")).toEqual({
      "picture-lookup": { state: "passed by" },
    });
  });

  it("is known without a trace, too, and then says that nothing was measured", () => {
    expect(at(base, null, "answer-lookup", "first", "settle", "picture")).toMatchObject({
      "answer-lookup": { state: "taken", untimed: "nothing was measured when it was made" },
      first: { state: "taken" },
      settle: { costNano: 1_500_000 },
      picture: { state: "taken" },
    });
  });
});
