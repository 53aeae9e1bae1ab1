import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createActivityLog } from "../../core/activity.ts";
import type { Clock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { PLANS } from "../../core/plan.ts";
import { Store } from "../../core/store.ts";
import { CronRunner } from "./cron-runner.ts";
import { WorkersStore } from "./store.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-21T10:00:30Z");
let directory: string;
let now: number;
let moved: (() => void) | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "crons-"));
  now = START;
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A runner over schedules, whose time is `now`, and what it has fired: the minutes since the start. */
function runnerOf(
  schedules: { accountId: string; cron: string }[],
  awake: (accountId: string) => boolean,
  outcome: Promise<string> = Promise.resolve("ok"),
) {
  const store = new Store(join(directory, "cloud.sqlite"));
  const clock: Clock = {
    now: () => now,
    offset: 0,
    advance() {},
    onMove(listener) {
      moved = () => listener(0);
      return () => {};
    },
  };
  const ctx = {
    store,
    clock,
    ids: createIds(),
    activity: createActivityLog(() => now),
    directory,
    limits: () => PLANS.paid,
  };
  const workers = new WorkersStore(ctx);
  workers.allSchedules = () =>
    schedules.map(({ accountId, cron }) => ({ accountId, script: "w", cron, createdOn: START, modifiedOn: START }));
  const fired: Record<string, number[]> = {};
  const runner = new CronRunner(ctx, workers, {
    async run(accountId, _script, cron) {
      const name = `${accountId} ${cron}`;
      fired[name] = [...(fired[name] ?? []), Math.round((now - START) / MINUTE)];
      return outcome;
    },
    awake,
  });
  return {
    fired,
    /** Minute by minute. */
    pass: (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        now += MINUTE;
        runner.check();
      }
    },
    close: async (patience?: number) => {
      await runner.close(patience);
      store.close();
    },
  };
}

it("a minute's cron fires every minute of an account that is used, and hourly, each in its turn, of those that sleep", async () => {
  const sleepers = Array.from({ length: 20 }, (_, index) => `sleeper-${index}`);
  const { fired, pass, close } = runnerOf(
    ["used", ...sleepers].map((accountId) => ({ accountId, cron: "* * * * *" })),
    (accountId) => accountId === "used",
  );
  pass(180);
  expect(fired["used * * * * *"]).toHaveLength(180);
  for (const sleeper of sleepers) {
    const [first, second, third] = fired[`${sleeper} * * * * *`] ?? [];
    expect([Number(second) - Number(first), Number(third) - Number(second)]).toEqual([60, 60]);
  }
  expect(new Set(sleepers.map((sleeper) => fired[`${sleeper} * * * * *`]?.[0])).size).toBeGreaterThan(10);
  await close();
});

it("a cron of every five minutes of an account that sleeps is not forgotten, and rare ones are on time", async () => {
  const { fired, pass, close } = runnerOf(
    [
      { accountId: "a", cron: "*/5 * * * *" },
      { accountId: "a", cron: "0 12 * * *" },
      { accountId: "a", cron: "30 * * * *" },
    ],
    () => false,
  );
  pass(180);
  expect(fired["a */5 * * * *"]).toHaveLength(3);
  expect(fired["a 0 12 * * *"]).toEqual([120]);
  expect(fired["a 30 * * * *"]).toEqual([30, 90, 150]);
  await close();
});

it("a moved clock fires what became due, also of an account that sleeps", async () => {
  const { fired, close } = runnerOf([{ accountId: "a", cron: "* * * * *" }], () => false);
  now += 2 * MINUTE;
  moved?.();
  expect(fired["a * * * * *"]).toHaveLength(1);
  await close();
});

it("the end of the cloud does not wait for a handler that does not end", async () => {
  const hanging = Promise.withResolvers<string>();
  const { pass, close } = runnerOf([{ accountId: "a", cron: "* * * * *" }], () => true, hanging.promise);
  pass(1);
  await close(10);
  hanging.resolve("canceled");
});
