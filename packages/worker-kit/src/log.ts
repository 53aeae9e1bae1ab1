/** How bad it is. */
export type LogLevel = "info" | "warn" | "error";

/**
 * Writes one JSON line. Give facts (ids, counts, milliseconds), never bodies or keys; values under names that look
 * like secrets are masked, so that a slip does not reach the log.
 */
export function log(level: LogLevel, event: string, facts: Readonly<Record<string, unknown>> = {}): void {
  console[level](JSON.stringify({ level, event, at: new Date().toISOString(), ...facts }, maskSecrets));
}

const SECRET_NAME = /^(authorization|cookie|set-cookie|api_?key|.*secret.*|.*password.*|.*_token|token)$/i;

function maskSecrets(name: string, value: unknown): unknown {
  return SECRET_NAME.test(name) && typeof value === "string" ? "[masked]" : value;
}
