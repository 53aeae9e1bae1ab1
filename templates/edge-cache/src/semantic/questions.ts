import type { CacheEntry } from "../cache/entry.ts";

/** A kept question as others are compared with it. */
export interface KnownQuestion {
  readonly key: string;
  readonly frame: string;
  readonly text: string;
  /** Answers to alike questions that proved right, and wrong. */
  readonly right: number;
  readonly wrong: number;
}

/** Those of these questions that a tenant has and that are still of use. */
export async function knownQuestions(
  database: D1Database,
  tenant: string,
  keys: readonly string[],
  at: number,
): Promise<Map<string, KnownQuestion>> {
  const { results } = await database
    .prepare(
      `SELECT key, frame, text, right_count AS "right", wrong_count AS wrong FROM questions
       WHERE tenant = ?1 AND key IN (SELECT value FROM json_each(?2)) AND expires_at > ?3`,
    )
    .bind(tenant, JSON.stringify(keys), at)
    .all<KnownQuestion>();
  return new Map(results.map((question) => [question.key, question]));
}

/** What makes a kept answer findable by alike questions. */
export interface NewQuestion {
  readonly entry: Pick<CacheEntry, "key" | "tenant" | "generations">;
  readonly frame: string;
  readonly text: string;
  readonly vector: readonly number[];
  /** ms */
  readonly expiresAt: number;
}

/** Keeps a question: first what is compared, then what finds it. */
export async function keepQuestion(env: Pick<Env, "DB" | "QUESTIONS">, question: NewQuestion): Promise<void> {
  const { entry, frame, text, vector, expiresAt } = question;
  const { tenant, key, generations } = entry;
  await env.DB.prepare(
    `INSERT INTO questions (tenant, key, frame, text, generations, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (tenant, key) DO UPDATE SET frame = excluded.frame, text = excluded.text,
       generations = excluded.generations, expires_at = excluded.expires_at`,
  )
    .bind(tenant, key, frame, text, JSON.stringify(generations), expiresAt)
    .run();
  await env.QUESTIONS.upsert([{ id: key, values: [...vector], namespace: tenant, metadata: { frame } }]);
}

/** Counts an answer to an alike question that has proved right or wrong, and says how many of each there are now. */
export async function countProof(
  database: D1Database,
  tenant: string,
  key: string,
  proved: "right" | "wrong",
): Promise<{ right: number; wrong: number }> {
  const counts = await database
    .prepare(
      `UPDATE questions SET right_count = right_count + ?3, wrong_count = wrong_count + ?4
       WHERE tenant = ?1 AND key = ?2 RETURNING right_count AS "right", wrong_count AS wrong`,
    )
    .bind(tenant, key, proved === "right" ? 1 : 0, proved === "wrong" ? 1 : 0)
    .first<{ right: number; wrong: number }>();
  return counts ?? { right: 0, wrong: 0 };
}

/**
 * Forgets what was asked under these scopes, what was learned of it, and why. The vectors go with the next cron; nothing is
 * found by them.
 */
export async function purgeQuestions(database: D1Database, tenant: string, scopes: readonly string[]): Promise<void> {
  const names = JSON.stringify(scopes);
  const purged = `SELECT key FROM questions WHERE tenant = ?1 AND EXISTS (
    SELECT 1 FROM json_each(questions.generations) AS stamp WHERE stamp.key IN (SELECT value FROM json_each(?2)))`;
  const all = `(SELECT 1 FROM json_each(?2) WHERE value = 'all')`;
  await database.batch(
    [
      `DELETE FROM verdicts WHERE tenant = ?1 AND verdict = 'same'
         AND (one IN (${purged}) OR other IN (${purged}) OR EXISTS ${all})`,
      // Also those of other questions that say in which words one of these differs.
      `DELETE FROM explanations WHERE tenant = ?1 AND (key IN (${purged}) OR EXISTS ${all} OR EXISTS (
         SELECT 1 FROM json_each(explanations.explanation, '$.candidates') AS candidate
         WHERE candidate.value ->> '$.key' IN (${purged})))`,
      `UPDATE questions SET text = '', expires_at = 0 WHERE tenant = ?1 AND key IN (${purged})`,
    ].map((sql) => database.prepare(sql).bind(tenant, names)),
  );
}

/** As many as Vectorize deletes at once. */
const BATCH = 500;

/** Forgets questions that are of no more use, with their vectors. Returns how many. */
export async function forgetQuestions(env: Pick<Env, "DB" | "QUESTIONS">, at: number): Promise<number> {
  const { results } = await env.DB.prepare("SELECT key FROM questions WHERE expires_at <= ?1 LIMIT ?2")
    .bind(at, BATCH)
    .all<{ key: string }>();
  if (results.length === 0) return 0;
  const keys = results.map(({ key }) => key);
  // While it cannot be reached, the rows stay, and with them the knowledge of what has to go.
  await env.QUESTIONS.deleteByIds(keys);
  await env.DB.prepare("DELETE FROM questions WHERE expires_at <= ?1 AND key IN (SELECT value FROM json_each(?2))")
    .bind(at, JSON.stringify(keys))
    .run();
  return keys.length;
}
