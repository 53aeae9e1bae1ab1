import { log } from "@tenner/worker-kit/log";

/**
 * Tells a tenant's feeder that something may be released: a batch is loaded, room was made, dead items go round again.
 * When that cannot be said now, the cron does it.
 */
export async function wakeFeeder(env: Pick<Env, "FEEDER">, tenant: string): Promise<void> {
  try {
    await env.FEEDER.getByName(tenant).poke(tenant);
  } catch (error) {
    log("warn", "feeder_not_woken", { tenant, message: String(error) });
  }
}

/** Has a batch's end told to whoever asked for it. When that cannot be said now, the cron does it. */
export async function announceEnd(env: Pick<Env, "CHORES">, batchId: string): Promise<void> {
  try {
    await env.CHORES.send({ kind: "notify", batchId });
  } catch (error) {
    log("warn", "end_not_announced", { batch: batchId, message: String(error) });
  }
}
