import { describe, expect, it } from "vitest";
import { Settings } from "./settings.ts";

describe("settings", () => {
  it("work when nothing is set", () => {
    expect(Settings.parse({})).toMatchObject({
      budget: { monthlyUsd: 10 },
      templates: ["event-agent"],
      allowedOrigins: [],
    });
  });

  it("keep the other defaults of a part when one value is set", () => {
    expect(Settings.parse({ limits: { maxAttempts: 2 } }).limits).toMatchObject({
      maxAttempts: 2,
      jobRetentionDays: 7,
    });
  });

  it.each([
    [{ budgett: {} }, []],
    [{ budget: { monthlyUsd: 0 } }, ["budget", "monthlyUsd"]],
    [{ limits: { maxInputBytes: "64k" } }, ["limits", "maxInputBytes"]],
    [{ models: { main: "x" } }, ["models"]],
    [{ allowedOrigins: ["https://shop.example/"] }, ["allowedOrigins", 0]],
    [{ allowedOrigins: ["*"] }, ["allowedOrigins", 0]],
    [{ templates: ["other"] }, ["templates", 0]],
    [{ templates: [] }, ["templates"]],
    [{ cache: { similarityThreshold: 92 } }, ["cache", "similarityThreshold"]],
  ])("refuse %j with its path", (settings, path) => {
    expect(Settings.safeParse(settings).error?.issues[0]?.path).toEqual(path);
  });
});
