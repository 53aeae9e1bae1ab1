import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { JobStore } from "./adapters/job-store.ts";
import { ledgerOf } from "./adapters/model-client.ts";
import { ResultStore } from "./adapters/result-store.ts";

/** A job counts as forgotten when it should have acted this long ago. */
const GRACE_MS = 30_000;
/** Each job of a batch costs at most five calls. */
const BATCH = 100;
/** Expired jobs of one sweep: 5,000 calls, half of what a Worker may make. The rest waits for the next cron. */
const MAX_BATCHES = 10;
/** Calls are kept this long after their end: longer than any settlement can come late. */
const KEPT_CALLS_MS = 35 * 86_400_000;

/** The cron: starts jobs whose alarm was lost in a crash, removes expired ones, and keeps the ledger in order. */
export async function scheduled(env: Env): Promise<{ woken: number; removed: number }> {
  const woken = await wakeForgotten(env);
  const removed = await removeExpired(env);
  await keepLedger(env);
  if (woken + removed > 0) log("info", "sweep", { woken, removed });
  return { woken, removed };
}

/** Calls that crashed count at their worst case. Every template does this: twice is the same as once. */
async function keepLedger(env: Env): Promise<void> {
  const ledger = ledgerOf(env, Settings.parse(env.SETTINGS));
  try {
    const expired = await ledger.expire();
    const pruned = await ledger.prune(now(env) - KEPT_CALLS_MS);
    if (expired + pruned > 0) log("info", "ledger", { expired, pruned });
  } catch (error) {
    log("error", "ledger_upkeep_failed", { message: String(error) });
  }
}

async function wakeForgotten(env: Env): Promise<number> {
  const ids = await new JobStore(env.DB).overdue(now(env) - GRACE_MS, BATCH);
  return each(ids, "wake_failed", (id) => env.JOBS.getByName(id).start(id));
}

/** The record goes last, so that a crash in between leaves it to be found again. */
async function removeExpired(env: Env): Promise<number> {
  const jobs = new JobStore(env.DB);
  const results = new ResultStore(env);
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const expired = await jobs.expired(now(env), BATCH);
    const succeeded = await each(expired, "remove_failed", async (job) => {
      await env.JOBS.getByName(job.id).erase();
      await results.remove(job);
      await jobs.remove(job.id);
    });
    removed += succeeded;
    // Those that failed would be found again at once; they are left to the next cron.
    if (expired.length < BATCH || succeeded < expired.length) break;
  }
  return removed;
}

/** Does every item, a few at a time; one that fails does not hold up the others. Returns how many succeeded. */
async function each<T>(items: readonly T[], failure: string, act: (item: T) => Promise<unknown>): Promise<number> {
  let succeeded = 0;
  for (let start = 0; start < items.length; start += 5) {
    const outcomes = await Promise.allSettled(items.slice(start, start + 5).map(act));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") succeeded++;
      else log("error", failure, { message: String(outcome.reason) });
    }
  }
  return succeeded;
}
