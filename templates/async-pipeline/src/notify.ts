import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { deliverWebhook, nextWebhookAttempt } from "@tenner/worker-kit/webhook-delivery";
import { BatchStore } from "./adapters/batch-store.ts";
import { startAgentJob } from "./adapters/event-agent.ts";
import { type BatchRecord, toBatch } from "./domain/batch.ts";

/** An attempt that died is made again after this time. */
const ATTEMPT_MS = 60_000;

/**
 * Tells about a batch's end: a signed webhook, and a job of the event-agent, each as far as the batch asked for it and
 * it is due. Both carry the same id at every attempt, so that a repeat is known as one.
 *
 * @returns ms until the next attempt is due; null when there is none
 */
export async function notify(env: Env, settings: Settings, batchId: string): Promise<number | null> {
  const batches = new BatchStore(env.DB);
  const waits: number[] = [];
  for (const kind of ["webhook", "job"] as const) {
    const at = now(env);
    const batch = await batches.takeNotice(batchId, kind, { now: at, leaseUntil: at + ATTEMPT_MS });
    if (!batch) continue;
    const { outcome, jobId } = kind === "webhook" ? await sendWebhook(env, settings, batch) : await sendJob(env, batch);
    const attempts = kind === "webhook" ? batch.webhook_attempts : batch.job_attempts;
    const next =
      outcome === "failed" ? nextWebhookAttempt(attempts, batch.ended_at ?? at, now(env), Math.random()) : null;
    const state = outcome === "delivered" ? outcome : next === null ? "gave_up" : "pending";
    log(state === "gave_up" ? "warn" : "info", `${kind}_notice`, { batch: batch.id, run: batch.run, state, attempts });
    await batches.endNotice(batch, kind, { state, nextAt: next, jobId });
    if (next !== null) waits.push(Math.max(0, next - now(env)));
  }
  return waits.length === 0 ? null : Math.min(...waits);
}

interface Sent {
  readonly outcome: "delivered" | "failed" | "refused";
  readonly jobId: string | null;
}

async function sendWebhook(env: Env, settings: Settings, batch: BatchRecord): Promise<Sent> {
  const body = JSON.stringify({
    type: `batch.${batch.status}`,
    timestamp: new Date(batch.ended_at ?? batch.changed_at).toISOString(),
    data: { batch: told(batch) },
  });
  const outcome = await deliverWebhook(
    { url: batch.webhook_url ?? "", id: noticeId(batch), body },
    {
      secret: env.WEBHOOK_SECRET,
      name: "async-pipeline",
      at: now(env),
      allowedHosts: settings.allowedWebhookHosts,
    },
  );
  return { outcome, jobId: null };
}

/** The batch without what the telling itself changes: every attempt sends the same. */
function told(batch: BatchRecord): object {
  const { webhook: _, agent_job: __, version: ___, ...facts } = toBatch(batch);
  return facts;
}

async function sendJob(env: Env, batch: BatchRecord): Promise<Sent> {
  const { done, dead, cancelled, total, status, id, run } = batch;
  return startAgentJob(env, {
    id: noticeId(batch),
    type: `batch.${status}`,
    at: now(env),
    // Written by us from an object.
    job: JSON.parse(batch.agent_job ?? "{}") as Record<string, unknown>,
    facts: { batch: id, run, status, total, done, dead, cancelled },
  });
}

function noticeId({ id, run }: BatchRecord): string {
  return `msg_${id}_${run}`;
}
