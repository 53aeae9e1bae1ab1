import { describe, expect, it } from "vitest";
import { type Judged, measure } from "./measure.ts";

const judged = (same: boolean, verdict: "same" | "different" | "uncertain", similarity?: number): Judged => ({
  pair: { asked: [{ role: "user", content: "a" }], candidate: [{ role: "user", content: "b" }], same, line: 1 },
  decision: {
    verdict,
    reasons: verdict === "same" ? [] : [{ guard: "number", asked: "1", candidate: "2", decides: true }],
    heldOnlyBy: verdict === "different" ? ["number"] : [],
    ms: 1,
  },
  ...(similarity !== undefined && { similarity }),
});

describe("what is measured", () => {
  it("counts hits, false hits and what each guard did", () => {
    const measured = measure([
      judged(true, "same"),
      judged(true, "different"),
      judged(false, "different"),
      judged(false, "same"),
    ]);
    expect(measured).toMatchObject({ same: 2, different: 2, hits: 1, uncertain: 0, curve: [], suggestion: undefined });
    expect(measured.falseHits).toHaveLength(1);
    expect(measured.guards).toMatchObject([{ guard: "number", held: 1, heldAlone: 1, missed: [{}] }]);
  });

  it("says by the rule of three what no false hit in 300 pairs is worth", () => {
    const { falseHitBound } = measure(Array.from({ length: 300 }, () => judged(false, "uncertain")));
    expect(falseHitBound).toBeCloseTo(0.01, 3);
  });

  it("parts the curve by guards from the curve by threshold alone", () => {
    const { curve } = measure([
      judged(true, "same", 0.96),
      judged(true, "uncertain", 0.8),
      judged(false, "different", 0.98),
    ]);
    expect(curve.find(({ threshold }) => threshold === 0.95)).toEqual({
      threshold: 0.95,
      hits: 1,
      falseHits: 0,
      hitsAlone: 1,
      falseHitsAlone: 1,
    });
  });

  it("suggests the highest threshold that keeps the hits", () => {
    expect(measure([judged(true, "same", 0.815), judged(true, "same", 0.9)]).suggestion?.similarityThreshold).toBe(
      0.81,
    );
  });

  it("rises above false hits where that keeps half of the hits, and otherwise says that it does not help", () => {
    const hits = [0.7, 0.93, 0.95].map((similarity) => judged(true, "same", similarity));
    expect(measure([...hits, judged(false, "same", 0.9)]).suggestion).toMatchObject({ similarityThreshold: 0.91 });
    expect(measure([...hits, judged(false, "same", 0.94)]).suggestion?.why).toMatch(/shadow/);
  });
});
