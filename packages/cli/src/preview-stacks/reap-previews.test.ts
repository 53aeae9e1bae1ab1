import { expect, it } from "vitest";
import { judgePreviews } from "./reap-previews.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-21T12:00:00Z");
const found = (pullRequest: number, hours?: number) => ({
  pullRequest,
  expiresAt: hours === undefined ? undefined : NOW + hours * HOUR,
});

it("reaps what is closed or over its time, and says why", () => {
  expect(judgePreviews([found(9, 5), found(7, 5), found(8, -2)], [7, 8], NOW)).toEqual([
    { pullRequest: 7, reap: false, reason: "it has 5 h left" },
    { pullRequest: 8, reap: true, reason: "its time was over 2 h ago" },
    { pullRequest: 9, reap: true, reason: "its pull request is closed" },
  ]);
});

it("goes by time alone where nobody says what is open", () => {
  expect(judgePreviews([found(7, 5), found(8, -2)], undefined, NOW).map(({ reap }) => reap)).toEqual([false, true]);
});

it("takes all when nothing is open", () => {
  expect(judgePreviews([found(7, 5)], [], NOW)).toMatchObject([{ reap: true }]);
});

it("leaves what may be on its way, unless its pull request is closed", () => {
  expect(judgePreviews([found(7)], [7], NOW)).toEqual([
    { pullRequest: 7, reap: false, reason: expect.stringContaining("on its way") },
  ]);
  expect(judgePreviews([found(7)], [8], NOW)).toMatchObject([{ reap: true }]);
});
