import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { BatchStore } from "./adapters/batch-store.ts";
import { loadTarget } from "./adapters/load-target.ts";
import { isEnded } from "./domain/batch.ts";
import { BatchSource } from "./domain/batch-source.ts";
import { ingestLimits } from "./domain/ingest/ingest-limits.ts";
import type { CheckItem } from "./domain/ingest/part.ts";
import { ChoreMessage } from "./domain/message.ts";
import { loadBatch } from "./load-batch.ts";
import { notify } from "./notify.ts";
import { findPipeline } from "./pipelines/index.ts";
import { removeBatch } from "./remove-batch.ts";
import { sendChore } from "./send-chore.ts";
import { wakeFeeder } from "./wake-feeder.ts";

/** For a file to arrive whole, ms. */
const FETCH_MS = 120_000;
/** The queue's longest delay, seconds. */
const LONGEST_DELAY = 43_200;

/** A chore's message, as its consumer needs it. */
export interface DeliveredChore {
  readonly body: unknown;
  /** Which delivery of it this is, from 1. */
  readonly attempts: number;
}

/**
 * Does one chore. All of them may be done twice: a load goes on at its checkpoint, a notice has one id, what is removed
 * is gone.
 *
 * @param maxRetries of the queue
 * @throws whatever broke it: the queue delivers it again
 */
export async function consumeChore(
  env: Env,
  settings: Settings,
  chore: DeliveredChore,
  maxRetries: number,
): Promise<void> {
  const message = ChoreMessage.safeParse(chore.body);
  if (!message.success) {
    log("error", "message_not_understood", { queue: "chores", problem: message.error.issues[0]?.message });
    return;
  }
  const { kind, batchId } = message.data;
  switch (kind) {
    case "load":
      return load(env, settings, batchId, chore.attempts > maxRetries);
    case "notify": {
      const waitMs = await notify(env, settings, batchId);
      if (waitMs !== null) await later(env, message.data, waitMs);
      return;
    }
    case "remove": {
      const batch = await new BatchStore(env.DB).find(batchId);
      if (batch && !(await removeBatch(env, batch, 200))) await later(env, message.data, 0);
    }
  }
}

async function later(env: Env, message: ChoreMessage, waitMs: number): Promise<void> {
  const delaySeconds = Math.min(LONGEST_DELAY, Math.ceil(waitMs / 1_000));
  await env.CHORES.send(message, { contentType: "json", delaySeconds });
}

async function load(env: Env, settings: Settings, batchId: string, lastAttempt: boolean): Promise<void> {
  const batches = new BatchStore(env.DB);
  const batch = await batches.find(batchId);
  if (batch?.status !== "loading") return;
  const source = BatchSource.parse(JSON.parse(batch.source));
  const target = loadTarget(env.DB, batch, {
    now: () => now(env),
    onLoaded: () => wakeFeeder(env, batch.tenant),
  });
  const outcome = await loadBatch(env.FILES, target, {
    batchId,
    sourceKey: source.key,
    fileUrl: source.url,
    checkItem: checkItemOf(batch.pipeline),
    limits: ingestLimits(settings),
    fetchTimeoutMs: FETCH_MS,
    allowedHosts: settings.allowedWebhookHosts,
    lastAttempt,
  });
  log("info", "load", { batch: batchId, outcome });
  if (outcome === "unfinished") await later(env, { kind: "load", batchId }, 0);
  // Failed, or nothing but bad rows.
  const after = await batches.find(batchId);
  if (after && isEnded(after)) await sendChore(env, { kind: "notify", batchId: batchId });
}

function checkItemOf(name: string): CheckItem {
  const pipeline = findPipeline(name);
  if (!pipeline) return () => ({ ok: false, message: `there is no pipeline "${name}" any more` });
  return (value) => {
    const checked = pipeline.item.safeParse(value);
    // Kept as it came: the steps parse it again.
    if (checked.success) return { ok: true, value };
    const problems = checked.error.issues.slice(0, 3).map(({ path, message }) => `/${path.join("/")} ${message}`);
    return { ok: false, message: problems.join("; ") };
  };
}
