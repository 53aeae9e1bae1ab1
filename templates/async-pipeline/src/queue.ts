import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { BatchStore } from "./adapters/batch-store.ts";
import { gatheringDatabase } from "./adapters/gathering-database.ts";
import { costOf, costOfTokens, modelClient } from "./adapters/model-client.ts";
import { readPayloads } from "./adapters/payload-store.ts";
import { putResult } from "./adapters/result-store.ts";
import { WorkStore } from "./adapters/work-store.ts";
import { consumeChore } from "./consume-chores.ts";
import { consumeItems, type ItemWork } from "./consume-items.ts";
import { ChoreMessage, ItemMessage } from "./domain/message.ts";
import { findPipeline } from "./pipelines/index.ts";
import { sendChore } from "./send-chore.ts";
import { wakeFeeder } from "./wake-feeder.ts";

/** As wrangler.jsonc has it. */
const MAX_RETRIES = 5;
/** Before the items of a dead message are tried again. */
const AFTER_DEATH_MS = 30_000;

/** The Worker's consumer of its four queues, whose names end as wrangler.jsonc has them. */
export async function queue(batch: MessageBatch, env: Env): Promise<void> {
  const settings = Settings.parse(env.SETTINGS);
  if (batch.queue.endsWith("-items")) return consumeItems(batch.messages, itemWork(env, settings));
  if (batch.queue.endsWith("-items-dead")) return buryItems(batch, env);
  if (batch.queue.endsWith("-chores-dead")) return buryChores(batch, env);
  if (batch.queue.endsWith("-chores")) return doChores(batch, env, settings);
  // It stays in its queue, then in its dead letters.
  throw new Error(`queue ${batch.queue}: its name says nothing about what its messages are`);
}

/** The world as the items' consumer sees it. */
export function itemWork(bindings: Env, settings: Settings): ItemWork {
  // The messages of a delivery are worked on side by side, and write at about the same time.
  const env = { ...bindings, DB: gatheringDatabase(bindings.DB), LEDGER: gatheringDatabase(bindings.LEDGER) };
  return {
    store: new WorkStore(env.DB),
    findPipeline,
    ai: (batch) => modelClient(env, settings, { tenant: batch.tenant, batchId: batch.id }),
    readPayloads: (items) => readPayloads(env.FILES, items),
    putResult: (item, output) => putResult(env.FILES, item, output),
    costOf: (answer) => costOf(settings, answer),
    costOfTokens: (answer, inputTokens) => costOfTokens(settings, answer, inputTokens),
    measure: (batch, items, tally) =>
      env.METRICS.writeDataPoint({
        indexes: [batch.tenant],
        blobs: [batch.pipeline],
        doubles: [items.done, items.dead, items.waiting, tally.calls, tally.callsSaved, tally.costNano],
      }),
    wakeFeeder: (tenant) => wakeFeeder(env, tenant),
    announceEnd: (batchId) => sendChore(env, { kind: "notify", batchId: batchId }),
    maxAttempts: settings.limits.maxAttempts,
    maxOutputTokens: settings.limits.maxOutputTokens,
    now: () => now(env),
    random: Math.random,
  };
}

async function doChores(batch: MessageBatch, env: Env, settings: Settings): Promise<void> {
  for (const message of batch.messages) {
    try {
      await consumeChore(env, settings, message, MAX_RETRIES);
      message.ack();
    } catch (error) {
      log("error", "chore_failed", { attempts: message.attempts, message: String(error) });
      message.retry();
    }
  }
}

/** Messages that the queue gave up: their items are dead when they were begun too often, else they go out again. */
async function buryItems(batch: MessageBatch, env: Env): Promise<void> {
  const messages = batch.messages.flatMap(({ body }) => {
    const message = ItemMessage.safeParse(body);
    return message.success ? [message.data] : [];
  });
  const at = now(env);
  if (messages.length > 0) await new WorkStore(env.DB).giveUp(messages, { now: at, dueAt: at + AFTER_DEATH_MS });
  log("warn", "items_given_up", { messages: messages.length });
  batch.ackAll();
  for (const tenant of new Set(messages.map((message) => message.tenant))) await wakeFeeder(env, tenant);
  for (const batchId of new Set(messages.map((message) => message.batchId)))
    await sendChore(env, { kind: "notify", batchId: batchId });
}

/** Chores that the queue gave up. A batch that cannot be loaded fails; the others are the cron's to repeat. */
async function buryChores(batch: MessageBatch, env: Env): Promise<void> {
  for (const { body } of batch.messages) {
    const message = ChoreMessage.safeParse(body);
    log("error", "chore_given_up", { body });
    if (!message.success || message.data.kind !== "load") continue;
    const error = { code: "load_failed", message: "reading its items failed too often; submit it again" };
    await new BatchStore(env.DB).fail(message.data.batchId, error, now(env));
    await sendChore(env, { kind: "notify", batchId: message.data.batchId });
  }
  batch.ackAll();
}
