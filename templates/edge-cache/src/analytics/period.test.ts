import { describe, expect, it } from "vitest";
import { cutoffs, period } from "./period.ts";

const KEEPING = { minutesKeptHours: 48, hoursKeptDays: 60, daysKeptDays: 400 };
const NOW = Date.parse("2026-11-21T19:34:56Z");
const HOUR = 3_600_000;
const ago = (hours: number) => ({ from: NOW - hours * HOUR });

describe("a period", () => {
  it.each([
    ["nothing asked", {}, "15m"],
    ["an hour", ago(1), "1m"],
    ["six hours", ago(6), "5m"],
    ["a week", ago(168), "1h"],
    ["a month", ago(720), "1d"],
    ["an hour long ago", { from: NOW - 90 * 24 * HOUR, to: NOW - 90 * 24 * HOUR + HOUR }, "1d"],
    ["an hour four days ago", { from: NOW - 96 * HOUR, to: NOW - 95 * HOUR }, "1h"],
  ] as const)("of %s has a step that can be read and is still kept", (_, asked, name) => {
    expect(period(asked, KEEPING, NOW).name).toBe(name);
  });

  it("is made of whole steps that hold all of what was asked", () => {
    const { from, to } = period({ from: NOW - HOUR, to: NOW, step: "1h" }, KEEPING, NOW);
    expect([from, to].map((at) => new Date(at).toISOString())).toEqual([
      "2026-11-21T18:00:00.000Z",
      "2026-11-21T20:00:00.000Z",
    ]);
  });

  it.each([
    [{ from: NOW, to: NOW }, "from"],
    [{ ...ago(96), step: "1m" }, "step"],
    [{ ...ago(24 * 90), step: "1h" }, "step"],
    [{ ...ago(47), step: "1m" }, "step"],
    [{ ...ago(24 * 2_000), step: "1d" }, "step"],
    [ago(24 * 2_000), "from"],
  ] as const)("is refused when it cannot be told: %j", (asked, field) => {
    expect(() => period(asked, KEEPING, NOW)).toThrow(expect.objectContaining({ name: "PeriodError", field }));
  });
});

it("gathers only whole hours and whole days", () => {
  const { minutes, hours, days } = cutoffs(KEEPING, NOW);
  expect(new Date(minutes).toISOString()).toBe("2026-11-19T19:00:00.000Z");
  expect(new Date(hours).toISOString()).toBe("2026-09-22T00:00:00.000Z");
  expect(new Date(days).toISOString()).toBe("2025-10-17T00:00:00.000Z");
});
