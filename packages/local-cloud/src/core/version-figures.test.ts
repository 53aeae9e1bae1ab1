import { expect, it } from "vitest";
import { VersionFigures } from "./version-figures.ts";

it("counts each version for itself, with quantiles that are at most 5 % too long", () => {
  const figures = new VersionFigures();
  for (let ms = 1; ms <= 1000; ms += 1) figures.add("a", ms % 100 === 0, ms);
  figures.add("b", false, 0);
  figures.add("b", false, 10 * 3_600_000);
  const { requests, errors, p50Ms, p95Ms } = figures.of("a");
  expect([requests, errors]).toEqual([1000, 10]);
  expect(p50Ms).toBeGreaterThanOrEqual(500);
  expect(p50Ms).toBeLessThanOrEqual(525);
  expect(p95Ms).toBeGreaterThanOrEqual(950);
  expect(p95Ms).toBeLessThanOrEqual(998);
  expect(figures.of("b")).toMatchObject({ requests: 2, errors: 0, p50Ms: 0.1 });
  figures.clear();
  expect(figures.of("a")).toEqual({ requests: 0, errors: 0, p50Ms: null, p95Ms: null });
});
