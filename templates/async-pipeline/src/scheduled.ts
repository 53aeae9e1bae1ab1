import { now } from "@tenner/worker-kit/clock";
import { forgetAnswers } from "@tenner/worker-kit/idempotent-answers";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { each, keepLedger } from "@tenner/worker-kit/upkeep";
import { BatchStore } from "./adapters/batch-store.ts";
import { ledgerOf } from "./adapters/model-client.ts";
import { removeBatch } from "./remove-batch.ts";
import { sendChore } from "./send-chore.ts";
import { wakeFeeder } from "./wake-feeder.ts";

/** A load that shows no progress for so long is begun again. Longer than a file may take to arrive. */
const LOAD_STALLS_MS = 300_000;
/** An upload that has shown no sign of life for so long is dead. */
const UPLOAD_DIES_MS = 300_000;
/** What one sweep takes up of each kind; the rest is left to the next. */
const AT_ONCE = 50;
/** Calls for one batch's removal in one sweep. */
const REMOVAL_CALLS = 40;

/** The cron: makes up for what was lost between, removes what has expired, and keeps the ledger in order. */
export async function scheduled(env: Env): Promise<void> {
  const settings = Settings.parse(env.SETTINGS);
  const batches = new BatchStore(env.DB);
  const at = now(env);

  const abandoned = await batches.stalled("receiving", at - UPLOAD_DIES_MS, AT_ONCE);
  await each(abandoned, "abandoned_not_ended", (batch) =>
    batches.fail(
      batch.id,
      { code: "upload_interrupted", message: "its upload never became whole; submit it again" },
      at,
    ),
  );
  const stalled = await batches.stalled("loading", at - LOAD_STALLS_MS, AT_ONCE);
  await each(stalled, "load_not_sent", (batch) => sendChore(env, { kind: "load", batchId: batch.id }));

  const tenants = await batches.tenantsToFeed(at);
  await each(tenants, "feeder_not_woken", (tenant) => wakeFeeder(env, tenant));

  const untold = await batches.toTell(at, AT_ONCE);
  await each(untold, "end_not_announced", (batch) => sendChore(env, { kind: "notify", batchId: batch.id }));

  const expired = await batches.toRemove(at, AT_ONCE);
  const removed = await each(expired, "remove_failed", (batch) => removeBatch(env, batch, REMOVAL_CALLS));
  await forgetAnswers(env.DB, at);
  await keepLedger(ledgerOf(env, settings), at);

  const found = abandoned.length + stalled.length + untold.length + expired.length;
  if (found > 0) {
    log("info", "sweep", { abandoned: abandoned.length, stalled: stalled.length, untold: untold.length, removed });
  }
}
