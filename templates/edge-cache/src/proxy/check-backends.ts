import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { checkAddress } from "@tenner/worker-kit/outbound-guard";
import type { Settings } from "@tenner/worker-kit/settings";
import type { Backend } from "@tenner/worker-kit/settings/backends";

/** A check may not take the cron's minute. */
const LONGEST_CHECK_MS = 5_000;
/** One failed check may be chance. */
const UNWELL_AFTER = 2;
/** Until after the next check but one, so that an ill backend stays closed off between checks. */
const UNWELL_MS = 150_000;

/** How a check went. */
interface Check {
  readonly healthy: boolean;
  readonly status: number | null;
  readonly ms: number;
}

/** The cron's part: asks every backend with a `health` path how it is. Two failures in a row close it off, one good word lets it back. */
export async function checkBackends(env: Env, { backends, allowedWebhookHosts }: Settings): Promise<void> {
  const checked = Object.entries(backends).filter(([, { health }]) => health !== undefined);
  const checks = await Promise.all(
    checked.map(async ([name, backend]) => ({ name, ...(await check(backend, allowedWebhookHosts)) })),
  );
  const at = now(env);
  const known = JSON.stringify(Object.keys(backends));
  await env.DB.batch([
    env.DB.prepare("DELETE FROM backends WHERE name NOT IN (SELECT value FROM json_each(?1))").bind(known),
    ...checks.map(({ name, healthy, status, ms }) =>
      env.DB.prepare(KEEP_CHECK).bind(name, at, healthy ? 1 : 0, status, ms, UNWELL_AFTER, at + UNWELL_MS),
    ),
  ]);
}

async function check({ url, health = "", timeoutMs }: Backend, allowedHosts: readonly string[]): Promise<Check> {
  const startedAt = Date.now();
  try {
    const address = checkAddress(`${url.replace(/\/$/, "")}${health}`, { allowedHosts });
    const signal = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_CHECK_MS));
    const response = await fetch(address, {
      redirect: "manual",
      signal,
      headers: { "user-agent": "tenner-edge-cache" },
    });
    await response.body?.cancel();
    return { healthy: response.ok, status: response.status, ms: Date.now() - startedAt };
  } catch (error) {
    log("info", "health_check_failed", { message: String(error) });
    return { healthy: false, status: null, ms: Date.now() - startedAt };
  }
}

/** When it is well it is asked again; when it has been unwell so often, it is not. */
const KEEP_CHECK = `INSERT INTO backends (name, changed_at, checked_at, healthy, check_status, check_ms, failed_checks)
  VALUES (?1, 0, ?2, ?3, ?4, ?5, 1 - ?3)
  ON CONFLICT (name) DO UPDATE SET checked_at = ?2, healthy = ?3, check_status = ?4, check_ms = ?5,
    failed_checks = iif(?3, 0, failed_checks + 1),
    changed_at = iif(iif(?3, open_until IS NOT NULL, failed_checks + 1 >= ?6), ?2, changed_at),
    open_until = iif(?3, NULL, iif(failed_checks + 1 >= ?6, ?7, open_until))`;
