/**
 * Milliseconds since 1970 as the stack sees them. The local cloud moves time with the text binding
 * `LOCAL_CLOCK_OFFSET` (milliseconds, may be negative); on Cloudflare the binding is absent and this is `Date.now()`.
 * Durable Object alarms stay in real time: give them `alarmTime`.
 */
export function now(env: object): number {
  return Date.now() + clockOffset(env);
}

/** The real time at which an alarm has to fire so that the stack's clock then shows `at`; never in the past. */
export function alarmTime(env: object, at: number): number {
  return Math.max(Date.now(), at - clockOffset(env));
}

function clockOffset(env: object): number {
  const offset = "LOCAL_CLOCK_OFFSET" in env ? Number(env.LOCAL_CLOCK_OFFSET) : 0;
  return Number.isFinite(offset) ? offset : 0;
}
