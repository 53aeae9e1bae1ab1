import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { each, keepLedger } from "@tenner/worker-kit/upkeep";
import { JobStore } from "./adapters/job-store.ts";
import { ledgerOf } from "./adapters/model-client.ts";
import { ResultStore } from "./adapters/result-store.ts";

/** A job counts as forgotten when it should have acted this long ago. */
const GRACE_MS = 30_000;
/** Each job of a batch costs at most five calls. */
const BATCH = 100;
/** Expired jobs of one sweep: 5,000 calls, half of what a Worker may make. The rest waits for the next cron. */
const MAX_BATCHES = 10;

/** The cron: starts jobs whose alarm was lost in a crash, removes expired ones, and keeps the ledger in order. */
export async function scheduled(env: Env): Promise<{ woken: number; removed: number }> {
  const woken = await wakeForgotten(env);
  const removed = await removeExpired(env);
  await keepLedger(ledgerOf(env, Settings.parse(env.SETTINGS)), now(env));
  if (woken + removed > 0) log("info", "sweep", { woken, removed });
  return { woken, removed };
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
