/** What was learned of a pair of questions. */
export interface Verdict {
  readonly verdict: "same" | "different";
  /** By equal or unlike answers, by a judging model, or by a report. */
  readonly proof: "answers" | "judge" | "report";
}

/** More pairs of one question than anybody needs. */
const MOST = 200;

/**
 * What was learned of a question, by the other's key. Under its own key stands that somebody has reported an answer that it
 * was given: it gets no other question's answer any more.
 */
export async function verdictsOf(database: D1Database, tenant: string, key: string): Promise<Map<string, Verdict>> {
  const { results } = await database
    .prepare(
      `SELECT other AS "key", verdict, proof, at FROM verdicts WHERE tenant = ?1 AND one = ?2
       UNION ALL SELECT one AS "key", verdict, proof, at FROM verdicts WHERE tenant = ?1 AND other = ?2
       ORDER BY at DESC LIMIT ?3`,
    )
    .bind(tenant, key, MOST)
    .all<Verdict & { key: string }>();
  return new Map(results.map(({ key: other, verdict, proof }) => [other, { verdict, proof }]));
}

/** Keeps what was learned. What somebody has reported, nothing that is learned later undoes. */
export async function keepVerdict(
  database: D1Database,
  tenant: string,
  pair: readonly [string, string],
  { verdict, proof }: Verdict,
  at: number,
): Promise<void> {
  const [one, other] = [...pair].sort();
  await database
    .prepare(
      `INSERT INTO verdicts (tenant, one, other, verdict, proof, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
       ON CONFLICT (tenant, one, other) DO UPDATE SET verdict = excluded.verdict, proof = excluded.proof, at = excluded.at
         WHERE verdicts.proof <> 'report' OR excluded.proof = 'report'`,
    )
    .bind(tenant, one, other, verdict, proof, at)
    .run();
}

/** Blocks a pair for good, and keeps the asked question from getting any other's answer. */
export async function keepReport(
  database: D1Database,
  tenant: string,
  asked: string,
  kept: string,
  at: number,
): Promise<void> {
  const reported = { verdict: "different", proof: "report" } as const;
  await keepVerdict(database, tenant, [asked, kept], reported, at);
  await keepVerdict(database, tenant, [asked, asked], reported, at);
}

const DAY_MS = 86_400_000;
/** No answer lives longer, so an older pair of equal questions has none. */
const SAME_KEPT_MS = 31 * DAY_MS;
/** Questions come back, and are not to be tried again. */
const DIFFERENT_KEPT_MS = 365 * DAY_MS;

/** Forgets what was learned long ago. */
export async function forgetVerdicts(database: D1Database, at: number): Promise<void> {
  const statement = database.prepare("DELETE FROM verdicts WHERE verdict = ?1 AND at < ?2");
  await database.batch([
    statement.bind("same", at - SAME_KEPT_MS),
    statement.bind("different", at - DIFFERENT_KEPT_MS),
  ]);
}
