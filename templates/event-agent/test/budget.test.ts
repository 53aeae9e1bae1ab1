import { env } from "cloudflare:workers";
import { d1Ledger } from "@tenner/worker-kit/ledger";
import { Settings } from "@tenner/worker-kit/settings";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { JobResult } from "../src/domain/job.ts";
import { scheduled } from "../src/scheduled.ts";
import {
  api,
  eventually,
  getJob,
  keyOf,
  migrate,
  modelCalls,
  moveClock,
  problem,
  runAlarm,
  submit,
  summarizing,
  until,
} from "./harness.ts";

beforeAll(migrate);

const TEN_DOLLARS = 10_000_000_000;
const { budget } = Settings.parse(env.SETTINGS);
const ledger = d1Ledger({ database: env.LEDGER, budget, now: () => Date.now() });

interface Usage {
  spent_usd: number | string;
}

describe("the month's budget", () => {
  it("is charged once for a job, with what its answer cost", async () => {
    const before = await usage();
    await until((await submit(summarizing("cheap"))).id, "done");
    const after = await usage();
    expect(Number(after.spent_usd)).toBeGreaterThan(Number(before.spent_usd));
    // 7 tokens in and 3 out of the primary model: far from its worst case.
    expect(Number(after.spent_usd) - Number(before.spent_usd)).toBeLessThan(0.000_01);
  });

  it("is held by others: a job waits unasked, and goes on when there is some again", async () => {
    const { committed } = await heldByOthers();
    const waiting = await submit(summarizing("no money yet"));
    await eventually(async () =>
      expect(await getJob(waiting.id)).toMatchObject({ status: "queued", reason: "budget_exhausted", attempts: 0 }),
    );
    const failing = await submit(summarizing("no money at all", { on_budget_exhausted: "fail" }));
    expect(await until(failing.id, "failed")).toMatchObject({ error: { code: "budget_exhausted" } });
    expect(await modelCalls("no money")).toMatchObject({ calls: 0 });

    await ledger.release(committed);
    // Its next look at the budget is due in an hour at the latest; a raised ceiling is seen as soon.
    await env.DB.prepare("UPDATE jobs SET not_before = 0, wake_at = 0 WHERE id = ?").bind(waiting.id).run();
    await runAlarm(waiting.id);
    await until(waiting.id, "done");
    const result = await (await api("GET", waiting.links.result)).json<JobResult>();
    expect(result.output).toBeTruthy();
  });

  it("is waited for also by a job that everything overslept, longer than jobs are kept", async () => {
    const { committed } = await heldByOthers();
    const waiting = await submit(summarizing("asleep for long"));
    await eventually(async () => expect(await getJob(waiting.id)).toMatchObject({ reason: "budget_exhausted" }));
    onTestFinished(() => void vi.useRealTimers());
    moveClock(8 * 86_400_000);
    await ledger.release(committed);
    expect(await scheduled(env)).toMatchObject({ woken: 1 });
    await runAlarm(waiting.id);
    await until(waiting.id, "done");
  });

  it("counts crashed calls at their worst case, by the cron", async () => {
    const before = await usage();
    await ledger.reserve({
      callId: "crashed",
      worstCase: 5_000,
      template: "event-agent",
      tenant: "default",
      expiresInMs: 1,
    });
    await eventually(async () => {
      await scheduled(env);
      expect(Number((await usage()).spent_usd)).toBeCloseTo(Number(before.spent_usd) + 0.000_005, 9);
    });
  });

  it("shows a tenant its own part only, and the whole to an admin", async () => {
    await until((await submit(summarizing("mine"))).id, "done");
    const foreign = await keyOf("another");
    const theirs = await (await api("GET", "/v1/usage", { key: foreign })).json<Usage>();
    expect(Number(theirs.spent_usd)).toBe(0);
    expect(await problem(await api("GET", "/v1/usage?scope=stack", { key: foreign }))).toMatchObject({
      status: 403,
      code: "admin_only",
    });
    expect((await api("GET", "/v1/usage?scope=stack")).status).toBe(200);
  });
});

async function usage(): Promise<Usage> {
  return (await api("GET", "/v1/usage")).json<Usage>();
}

/** Somebody else's calls hold all that is left. */
async function heldByOthers(): Promise<{ committed: string }> {
  for (let worstCase = TEN_DOLLARS; worstCase > 0; worstCase -= 1_000_000) {
    const callId = `others-${worstCase}`;
    const made = await ledger.reserve({
      callId,
      worstCase,
      template: "other",
      tenant: "others",
      expiresInMs: 3_600_000,
    });
    if (made.kind === "reserved") return { committed: callId };
  }
  throw new Error("nothing was left to hold");
}
