import { describe, expect, it } from "vitest";
import { SPECIMEN } from "../specimen.ts";
import { pathOf, STATIONS } from "./path-of-answer.ts";
import type { Valuation } from "./valuation.ts";

const AI = { kind: "ai", model: "@cf/a/model", fallback: false, standIn: false } as const;
const base = {
  ...SPECIMEN,
  origin: AI,
  way: "asked",
  picture: "pic_1.jpg",
  costNano: 1_500_000,
} as unknown as Valuation; // all that a path is made of
const taken = (valuation: Valuation) => {
  const path = pathOf(valuation);
  return STATIONS.filter(({ id }) => path[id].state === "taken").map(({ id }) => id);
};

describe("the path of an answer", () => {
  it("goes by the first model when that answers", () => {
    expect(taken(base)).toEqual(["form", "appraiser", "budget", "first", "picture", "tokens", "record"]);
    expect(pathOf(base).budget.note).toBe("$0.001500 in all");
  });

  it("passes all models by when an answer is kept", () => {
    expect(taken({ ...base, way: "kept", costNano: 0 })).toEqual(["form", "kept", "picture", "tokens", "record"]);
  });

  it("goes by the second model when the first fails", () => {
    const path = pathOf({ ...base, origin: { ...AI, fallback: true } });
    expect(path.first.state).toBe("failed");
    expect(path.second.state).toBe("taken");
  });

  it("ends at the budget when that is used up, and at the models when none answers", () => {
    const exhausted = pathOf({ ...base, picture: null, origin: { kind: "estimate", reason: "budget_exhausted" } });
    expect(exhausted).toMatchObject({
      budget: { state: "failed" },
      first: { state: "passed by" },
      estimate: { state: "taken" },
    });
    const down = pathOf({ ...base, origin: { kind: "estimate", reason: "model_unavailable" } });
    expect(down).toMatchObject({ budget: { state: "taken" }, first: { state: "failed" }, second: { state: "failed" } });
  });
});
