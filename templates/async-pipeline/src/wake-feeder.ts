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
