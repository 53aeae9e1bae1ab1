import { expect, it } from "vitest";
import { type Figures, judge } from "./health-gate.ts";

const figures = (requests: number, errors = 0, p95Ms: number | null = 100): Figures => ({
  requests,
  errors,
  p50Ms: p95Ms,
  p95Ms,
});
const rule = { requests: 20 };

it.each<[string, Figures, Figures, string]>([
  ["as good as the old one", figures(180), figures(20), "healthy"],
  ["too few requests", figures(180), figures(19), "waiting"],
  ["no requests at all", figures(0, 0, null), figures(0, 0, null), "waiting"],
  ["one failure, which may have any cause", figures(180), figures(20, 1), "healthy"],
  ["two failures of ten, before there are enough requests", figures(90), figures(10, 2), "unhealthy"],
  ["as many failures as ever", figures(180, 90), figures(20, 11), "healthy"],
  ["more failures than ever", figures(180, 90), figures(20, 15), "unhealthy"],
  ["few failures among many", figures(9000), figures(1000, 9), "healthy"],
  ["1.5 % of failures among many", figures(9000), figures(1000, 15), "unhealthy"],
  ["slower, as far as that goes", figures(180), figures(20, 0, 250), "healthy"],
  ["too slow, as the first requests are", figures(180), figures(20, 0, 251), "waiting"],
  ["too slow", figures(180), figures(60, 0, 251), "unhealthy"],
  ["fast, but a little less so in proportion", figures(180, 0, 2), figures(20, 0, 20), "healthy"],
  ["slow beside an old one with hardly a request", figures(5), figures(95, 0, 900), "healthy"],
])("%s", (_, old, now, state) => {
  expect(judge(old, now, rule)).toMatchObject({ state });
});

it("says why, in figures", () => {
  expect(judge(figures(100, 1), figures(20, 5), rule)).toMatchObject({
    reason: "5 of 20 requests failed (25 %), old 1 %",
  });
  expect(judge(figures(100), figures(60, 0, 900), rule)).toMatchObject({ reason: "p95 is 900 ms, old 100 ms" });
});
