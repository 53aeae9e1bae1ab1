import { describe, expect, it, vi } from "vitest";
import { alarmTime, now } from "./clock.ts";
import { log } from "./log.ts";
import { sortableId } from "./sortable-id.ts";

describe("the clock", () => {
  it.each([
    [{}, 0],
    [{ LOCAL_CLOCK_OFFSET: "86400000" }, 86_400_000],
    [{ LOCAL_CLOCK_OFFSET: "-5000" }, -5_000],
    [{ LOCAL_CLOCK_OFFSET: "soon" }, 0],
  ])("with %j is %d ms away", (env, offset) => {
    expect(Math.abs(now(env) - Date.now() - offset)).toBeLessThan(50);
  });

  it("gives alarms in real time, never in the past", () => {
    const env = { LOCAL_CLOCK_OFFSET: "3600000" };
    expect(Math.abs(alarmTime(env, now(env) + 10_000) - Date.now() - 10_000)).toBeLessThan(50);
    expect(alarmTime(env, 0)).toBeGreaterThan(Date.now() - 50);
  });
});

describe("ids", () => {
  it("sort by time and do not repeat", () => {
    const ids = [1, 2, 1_700_000_000_000, 1_800_000_000_000].map((at) => sortableId("job", at));
    expect(ids).toEqual(ids.toSorted());
    expect(ids[0]).toMatch(/^job_[0-9a-z]{26}$/);
    expect(sortableId("job", 5)).not.toBe(sortableId("job", 5));
  });
});

describe("log", () => {
  it("writes one line and masks what looks like a secret", () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    log("info", "test", { job: "j", api_key: "tnr_x", headers: { authorization: "Bearer x" }, tokens: 3 });
    const line = String(info.mock.calls[0]?.[0]);
    expect(JSON.parse(line)).toMatchObject({ event: "test", job: "j", api_key: "[masked]", tokens: 3 });
    expect(line).not.toContain("tnr_x");
    expect(line).not.toContain("Bearer");
    info.mockRestore();
  });
});
