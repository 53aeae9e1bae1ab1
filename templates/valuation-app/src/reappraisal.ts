import { AiError, zodShape } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { log } from "@tenner/worker-kit/log";
import * as z from "zod";
import { backgroundClient } from "./adapters/model-client.ts";
import { PriceHistoryStore } from "./adapters/price-history-store.ts";
import { appraisalShape, INSTRUCTIONS, question } from "./domain/appraisal.ts";
import { tierOf } from "./domain/tier.ts";

/** What the queue carries: which thing is to be looked at. The database says what it is, and whether it still is. */
const ReappraisalMessage = z.object({ fingerprint: z.string() });
type ReappraisalMessage = z.infer<typeof ReappraisalMessage>;

const DAY_MS = 86_400_000;
/** Things of one call of the cron: what one `sendBatch` takes. */
const DUE_AT_ONCE = 100;
/** What was sent and came to nothing, because of the budget or of a model, is due again then. */
const AGAIN_AFTER_MS = DAY_MS;

/** Sends what is due. Returns how many. */
export async function sendDueReappraisals(env: Env, at: number): Promise<number> {
  if (settingsOf(env).valuation.reappraisal.budgetShare === 0) return 0;
  const history = new PriceHistoryStore(env.DB);
  const due = await history.due(at, DUE_AT_ONCE);
  if (due.length === 0) return 0;
  try {
    await env.REAPPRAISALS.sendBatch(
      due.map((fingerprint) => ({ body: { fingerprint } satisfies ReappraisalMessage })),
    );
    await history.expect(due, at + AGAIN_AFTER_MS);
    return due.length;
  } catch (error) {
    // Still due: the next call of the cron sends them.
    log("error", "reappraisals_not_sent", { message: String(error) });
    return 0;
  }
}

/** The consumer of things to be appraised again and of those that were given up, by the ends of their queues' names. */
export async function consumeReappraisals(batch: MessageBatch, env: Env): Promise<void> {
  if (batch.queue.endsWith("-reappraisals-dead")) {
    // Nothing is lost: it is due again after a day.
    for (const { body } of batch.messages) log("warn", "reappraisal_given_up", { body });
    return batch.ackAll();
  }
  // It stays in its queue, then in its dead letters.
  if (!batch.queue.endsWith("-reappraisals")) throw new Error(`queue ${batch.queue}: there is no consumer for it here`);
  for (const message of batch.messages) {
    const body = ReappraisalMessage.safeParse(message.body);
    if (!body.success) log("error", "reappraisal_message_unknown", { body: message.body });
    if (!body.success || (await reappraise(env, body.data.fingerprint))) message.ack();
    else message.retry();
  }
}

/**
 * Asks a model again what a thing is worth, and writes it down. An estimate is never written: it would say the same
 * each week, and no model has said it.
 *
 * @returns whether the message has done its work; false: it is to come again
 */
async function reappraise(env: Env, fingerprint: string): Promise<boolean> {
  const settings = settingsOf(env);
  const history = new PriceHistoryStore(env.DB);
  const at = now(env);
  const everyMs = settings.valuation.reappraisal.everyDays * DAY_MS;
  const thing = await history.thingOf(fingerprint);
  // Nobody follows it any more, or a message came twice.
  if (!thing || (await history.pricesSince(fingerprint, at - everyMs / 2)).length > 0) return true;
  const { description, category } = thing;
  try {
    const { value, model, standIn, costNano } = await backgroundClient(env, settings, fingerprint).structured(
      { system: INSTRUCTIONS, prompt: question(description, category), maxOutputTokens: 700, temperature: 0.2 },
      zodShape(appraisalShape(category)),
    );
    const priceCents = Math.round(value.price_usd * 100);
    const point = { at, priceCents, confidence: value.price_confidence, model, standIn };
    await history.add(fingerprint, point, at + everyMs);
    const blobs = ["ai", model, "reappraised", tierOf(priceCents)];
    env.METRICS.writeDataPoint({ indexes: [category], blobs, doubles: [costNano, now(env) - at] });
    return true;
  } catch (error) {
    if (!(error instanceof AiError)) throw error;
    log("warn", "no_reappraisal", { fingerprint, reason: error.code, message: error.message });
    return !error.retryable || error.code === "budget_exhausted";
  }
}
