import { idempotencyConflict, REPLAYED } from "./idempotency-key.ts";
import { canonical } from "./json-schema.ts";
import { Problem } from "./problem.ts";
import { sha256Hex } from "./timing-safe.ts";

/** A request that may come again. */
export interface RepeatableRequest {
  readonly tenant: string;
  /** The caller's `Idempotency-Key`; null: every request is a new one. */
  readonly key: string | null;
  /** `POST /v1/…`: the same key elsewhere is a conflict. */
  readonly operation: string;
  readonly body: unknown;
  /** Now, in milliseconds. */
  readonly at: number;
}

/** What an action answers: JSON. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Longer than a request lasts. One that died counts as never made after it. */
const CLAIM_MS = 60_000;
const KEPT_MS = 24 * 3_600_000;

/**
 * Does an action once for each `Idempotency-Key` and gives its answer again for a day. An action that throws may be
 * tried again at once; one that a crash cut off, after a minute: it has to bear being done twice.
 *
 * For what leaves a record that the key can be part of (a job, a batch), a unique index on that record is better: it
 * holds through crashes too. Needs the table of `migrations/idempotent-answers` in `DB`.
 *
 * @throws Problem 409 when the key came with another request, or the first one is still under way
 */
export async function answerOnce(
  database: D1Database,
  request: RepeatableRequest,
  act: () => Promise<Answer>,
): Promise<Response> {
  const { tenant, key, operation, at } = request;
  if (key === null) return json(await act());
  const hash = await sha256Hex(canonical([operation, request.body]));
  const [claimed, found] = await database.batch<Row>([
    database
      .prepare(
        `INSERT INTO idempotent_answers (tenant, key, request_hash, claimed_until, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET request_hash = excluded.request_hash, claimed_until = excluded.claimed_until,
           expires_at = excluded.expires_at, status = NULL, body = NULL
         WHERE expires_at <= ?6 OR (status IS NULL AND claimed_until <= ?6 AND request_hash = excluded.request_hash)`,
      )
      .bind(tenant, key, hash, at + CLAIM_MS, at + KEPT_MS, at),
    database
      .prepare("SELECT request_hash, status, body FROM idempotent_answers WHERE tenant = ?1 AND key = ?2")
      .bind(tenant, key),
  ]);
  const row = found?.results[0];
  if (claimed?.meta.changes !== 1) {
    if (row?.request_hash !== hash) throw idempotencyConflict();
    if (row.status === null) throw underWay();
    return json({ status: row.status, body: JSON.parse(row.body ?? "{}") as object }, REPLAYED);
  }
  try {
    const answer = await act();
    await database
      .prepare("UPDATE idempotent_answers SET status = ?3, body = ?4 WHERE tenant = ?1 AND key = ?2")
      .bind(tenant, key, answer.status, JSON.stringify(answer.body))
      .run();
    return json(answer);
  } catch (error) {
    const withdrawn = database
      .prepare("DELETE FROM idempotent_answers WHERE tenant = ?1 AND key = ?2 AND status IS NULL")
      .bind(tenant, key)
      .run();
    // If this fails too, the key is free again after a minute.
    await withdrawn.catch(() => {});
    throw error;
  }
}

/** Forgets answers whose day is over. Returns how many. For a cron. */
export async function forgetAnswers(database: D1Database, now: number): Promise<number> {
  const { meta } = await database.prepare("DELETE FROM idempotent_answers WHERE expires_at <= ?1").bind(now).run();
  return meta.changes;
}

interface Row {
  readonly request_hash: string;
  readonly status: number | null;
  readonly body: string | null;
}

function json({ status, body }: Answer, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers });
}

function underWay(): Problem {
  return new Problem(409, "request_under_way", "a request with this Idempotency-Key is being worked on", {
    headers: { "retry-after": "2" },
  });
}
