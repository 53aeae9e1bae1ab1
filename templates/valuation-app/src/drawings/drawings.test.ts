import { describe, expect, it } from "vitest";
import { type Path, pathOf } from "../domain/path-of-answer.ts";
import type { Trace } from "../domain/trace.ts";
import { usageOf } from "../domain/usage-of-request.ts";
import type { Valuation } from "../domain/valuation.ts";
import { SPECIMEN } from "../specimen.ts";
import { linesOf } from "./drawing.ts";
import { drawingsOf } from "./drawings.ts";
import { layOut, WIDTH } from "./layout.ts";
import { lightUp } from "./light-up.ts";
import { meets } from "./route-edge.ts";
import type { StackFacts } from "./stack-facts.ts";

const FACTS: StackFacts = {
  gateway: "tenner-local-ai",
  route: "chat-0123abcd",
  models: [
    { model: "@cf/meta/llama-3.1-8b-instruct-fast", attempts: 2 },
    { model: "@cf/mistralai/mistral-small-3.1-24b-instruct", attempts: 2 },
  ],
  imageModel: "@cf/black-forest-labs/flux-1-schnell",
  monthlyUsd: 10,
  answerTtlSeconds: 3_600,
  pictureTtlSeconds: 86_400,
  patienceMs: 25_000,
  submissionsPerMinute: 30,
  everyDays: 7,
  budgetShare: 0.1,
  providers: 24,
  pricesOf: "2026-11-01",
};
const STACKS: readonly (readonly [string, StackFacts])[] = [
  ["with all that a stack can have", FACTS],
  [
    "with one model, no pictures and nothing appraised again",
    { ...FACTS, models: FACTS.models.slice(0, 1), imageModel: null, everyDays: null },
  ],
];

describe.each(STACKS)("the drawings of a stack %s", (_, facts) => {
  const drawings = drawingsOf(facts);

  it("are seven, each with its own parts", () => {
    expect(new Set(drawings.map(({ id }) => id)).size).toBe(7);
    for (const { id, nodes } of drawings) expect(new Set(nodes.map((node) => node.id)).size, id).toBe(nodes.length);
  });

  it.each(drawings)("has ways that go through no part, and words that fit: $title", (drawing) => {
    const { nodes, edges, height } = layOut(drawing);
    for (const { from, to, line } of edges) {
      for (const { id, box } of nodes) {
        // Lines may touch the parts that they join.
        expect(meets(line, box, id === from || id === to ? -1 : 3), `${from} to ${to} goes through ${id}`).toBe(false);
      }
      expect(line.every(({ x, y }) => x >= 0 && x <= WIDTH && y >= 0 && y <= height)).toBe(true);
    }
    for (const { label, detail, span, at } of nodes) {
      expect(nodes.filter((other) => other.at.join() === at.join())).toHaveLength(1);
      if (!span) expect(linesOf(label).length, label).toBeLessThanOrEqual(detail === undefined ? 2 : 1);
      if (!span) for (const line of linesOf(label)) expect(line.length, line).toBeLessThanOrEqual(16);
    }
  });

  it("explain every part", () => {
    for (const { nodes } of drawings) {
      for (const { product, explains } of nodes) {
        expect(product).toMatch(/\w/);
        expect(explains).toMatch(/\.$/);
      }
    }
  });
});

describe("a request in the drawings", () => {
  const asked = {
    ...SPECIMEN,
    conversions: { providers: [] },
    way: "asked",
    tookMs: 20,
    costNano: 0,
  } as unknown as Valuation; // all that a path is made of
  const missed: Trace = [
    { name: "answer-lookup", startMs: 0, tookMs: 2, state: "miss" },
    { name: "appraiser", startMs: 2, tookMs: 9, state: "miss" },
  ];
  const refused: Valuation = { ...asked, origin: { kind: "estimate", reason: "budget_exhausted" } };
  const kept: Valuation = {
    ...asked,
    way: "kept",
    origin: { kind: "ai", model: "m", fallback: false, standIn: false },
  };
  const hit: Trace = [{ name: "answer-lookup", startMs: 0, tookMs: 2, state: "hit" }];
  const models = FACTS.models.map(({ model }) => model);
  const of = (valuation: Valuation, trace: Trace) => ({
    path: pathOf(valuation, trace, models),
    usage: usageOf(trace),
  });
  const flow = drawingsOf(FACTS).find(({ id }) => id === "flow");
  const ways = (request: { path: Path; usage: ReturnType<typeof usageOf> }) =>
    flow ? [...lightUp(flow, request).edges].map(({ from, to }) => `${from} > ${to}`) : [];

  it("goes one way from end to end, also past a budget that is used up and by an answer that was kept", () => {
    const spent = of(refused, [...missed, { name: "reserve", startMs: 3, tookMs: 4, state: "refused" }]);
    expect(ways(spent)).toEqual(expect.arrayContaining(["reserve > estimate", "estimate > tokens", "record > answer"]));
    expect(ways(spent)).not.toContain("reserve > gateway");
    expect(ways(of(kept, hit))).toEqual(
      expect.arrayContaining([
        "answer-lookup > answer-hit",
        "answer-hit > tokens",
        "tokens > record",
        "record > answer",
      ]),
    );
    expect(ways(of(kept, hit))).not.toContain("answer-lookup > appraiser");
  });

  it("goes through the gateway to the models that failed, and on to the estimate", () => {
    const down = of({ ...asked, origin: { kind: "estimate", reason: "model_unavailable" } }, [
      ...missed,
      { name: "reserve", startMs: 3, tookMs: 1, state: "done" },
      { name: "model", startMs: 4, tookMs: 6, state: "failed" },
    ]);
    expect(ways(down)).toEqual(
      expect.arrayContaining(["gateway > first", "first > second", "second > estimate", "estimate > tokens"]),
    );
    expect(ways(down)).not.toContain("first > parse");
    const fallback: Valuation = { ...asked, origin: { kind: "ai", model: "m", fallback: true, standIn: false } };
    const answered = of(fallback, [...missed, { name: "model", startMs: 4, tookMs: 6, state: "done", model: "m" }]);
    expect(ways(answered)).toEqual(expect.arrayContaining(["first > second", "second > parse", "parse > answer-keep"]));
    expect(ways(answered)).not.toContain("first > parse");
  });

  it("prints the times and what the cache said, and on the bill what was used", () => {
    const signs = drawingsOf(FACTS).map((drawing) => lightUp(drawing, of(kept, hit)).nodes);
    expect(signs[1]?.get("answer-lookup")?.sign).toBe("hit · 2 ms");
    expect(signs[1]?.get("gateway")?.sign).toBeNull();
    expect(signs[6]?.get("kv")?.sign).toBe("1 read");
    expect(signs[6]?.get("models")?.sign).toBeNull();
  });
});
