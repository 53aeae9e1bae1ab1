import { describe, expect, it } from "vitest";
import { parseSettings } from "./settings.ts";

describe("parseSettings", () => {
  it("needs nothing", () => {
    expect(parseSettings(undefined)).toMatchObject({
      templates: ["event-agent", "async-pipeline", "edge-cache", "valuation-app"],
      budget: { monthlyUsd: 10 },
    });
  });

  it.each([
    ['{"budget":{"monthlyUsd":-1}}', "tenner:settings.budget.monthlyUsd: "],
    ['{"limits":{"tokens":1}}', "tenner:settings.limits: "],
    ['{"templates":["none"]}', "tenner:settings.templates[0]: "],
    ['"text"', "tenner:settings: "],
    ["{", "tenner:settings: is not an object"],
  ])("%s: says the path and the reason", (text, message) => {
    expect(() => parseSettings(text)).toThrow(message);
  });

  it("says every mistake at once", () => {
    expect(() => parseSettings('{"budget":{"monthlyUsd":-1},"templates":[]}')).toThrow(/monthlyUsd[\s\S]*templates/);
  });
});
