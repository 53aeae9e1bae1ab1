import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import type { Explanation } from "./explanation.ts";

/** What is counted of alike questions. */
export type Counted =
  | "searched"
  | "late"
  | "failed"
  | "hit"
  | "alias-hit"
  | "shadow-hit"
  | "learned-same"
  | "learned-different"
  | "left-open"
  | "verified-right"
  | "verified-wrong"
  | "reported-wrong";

/** A request to be explained. */
export interface Explained {
  readonly tenant: string;
  readonly requestId: string | null;
  readonly key: string | null;
  readonly explanation: Explanation;
}

/** Writes down why a request was or was not a hit, and counts. It never fails: an answer does not depend on it. */
export async function record(env: Env, explained: Explained, counted: readonly Counted[]): Promise<void> {
  const { tenant, requestId, key, explanation } = explained;
  const at = now(env);
  try {
    const counts = counted.map((what) => countStatement(env.DB, tenant, what, at));
    const statements = [...counts];
    if (requestId !== null) {
      statements.push(
        env.DB.prepare(
          `INSERT INTO explanations (tenant, request_id, key, at, explanation) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (tenant, request_id) DO UPDATE SET key = excluded.key, explanation = excluded.explanation`,
        ).bind(tenant, requestId, key, at, JSON.stringify(explanation)),
      );
    }
    if (statements.length > 0) await env.DB.batch(statements);
  } catch (error) {
    log("warn", "explanation_not_kept", { message: String(error) });
  }
}

/** Counts something alone. @throws when the database does not answer */
export async function count(env: Env, tenant: string, what: Counted): Promise<void> {
  await countStatement(env.DB, tenant, what, now(env)).run();
}

function countStatement(database: D1Database, tenant: string, what: Counted, at: number): D1PreparedStatement {
  return database
    .prepare(
      `INSERT INTO semantic_tallies (tenant, day, what, count) VALUES (?1, ?2, ?3, 1)
       ON CONFLICT (tenant, day, what) DO UPDATE SET count = count + 1`,
    )
    .bind(tenant, new Date(at).toISOString().slice(0, 10), what);
}

/** Counts are kept for a year. */
const COUNTS_KEPT_MS = 366 * 86_400_000;

/** Forgets explanations made before `before` (ms), and old counts. */
export async function forgetExplanations(database: D1Database, before: number, at: number): Promise<void> {
  await database.batch([
    database.prepare("DELETE FROM explanations WHERE at < ?1").bind(before),
    database
      .prepare("DELETE FROM semantic_tallies WHERE day < ?1")
      .bind(new Date(at - COUNTS_KEPT_MS).toISOString().slice(0, 10)),
  ]);
}
