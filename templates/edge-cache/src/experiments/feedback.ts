/** What a caller says about an answer. */
export interface Feedback {
  readonly tenant: string;
  readonly requestId: string;
  /** 0 to 1. */
  readonly score: number;
  readonly comment: string | null;
  /** ms */
  readonly at: number;
}

/** Feedback as it is stored, with the experiment that its request took part in, if it did and is known. */
export interface FeedbackRow {
  readonly request_id: string;
  readonly score: number;
  readonly comment: string | null;
  readonly experiment: string | null;
  readonly variant: string | null;
  readonly at: number;
}

const COLUMNS = "request_id, score, comment, experiment, variant, at";

/** Keeps feedback; a request's last one counts. */
export async function keepFeedback(database: D1Database, feedback: Feedback): Promise<FeedbackRow> {
  const { tenant, requestId, score, comment, at } = feedback;
  const row = await database
    .prepare(
      `INSERT INTO feedback (tenant, request_id, score, comment, at, experiment, variant, subject)
       SELECT ?1, ?2, ?3, ?4, ?5, asked.experiment, asked.variant, asked.subject
       FROM (SELECT 1) LEFT JOIN experiment_requests AS asked ON asked.tenant = ?1 AND asked.request_id = ?2
       WHERE true ON CONFLICT (tenant, request_id) DO UPDATE SET score = excluded.score, comment = excluded.comment,
         at = excluded.at, experiment = coalesce(experiment, excluded.experiment),
         variant = coalesce(variant, excluded.variant), subject = coalesce(subject, excluded.subject)
       RETURNING ${COLUMNS}`,
    )
    .bind(tenant, requestId, score, comment, at)
    .first<FeedbackRow>();
  if (!row) throw new Error("the feedback was not stored");
  return row;
}

/** A tenant's newest feedback. */
export async function newestFeedback(database: D1Database, tenant: string, limit: number): Promise<FeedbackRow[]> {
  const { results } = await database
    .prepare(`SELECT ${COLUMNS} FROM feedback WHERE tenant = ?1 ORDER BY at DESC, request_id LIMIT ?2`)
    .bind(tenant, limit)
    .all<FeedbackRow>();
  return results;
}

/** Feedback can be here before its request is, which another isolate writes within a second. */
const OPEN_MS = 3_600_000;
const REQUESTS_KEPT_MS = 30 * 86_400_000;
const FIGURES_KEPT_MS = 400 * 86_400_000;

/** Finds the requests of feedback that came before them. */
export function joinFeedback(database: D1Database, at: number): D1PreparedStatement {
  return database
    .prepare(
      `UPDATE feedback SET experiment = asked.experiment, variant = asked.variant, subject = asked.subject
       FROM experiment_requests AS asked WHERE feedback.experiment IS NULL AND feedback.at > ?1
         AND asked.tenant = feedback.tenant AND asked.request_id = feedback.request_id`,
    )
    .bind(at - OPEN_MS);
}

/** The cron's part: joins what came apart, and forgets what is old. */
export async function keepExperiments(database: D1Database, at: number): Promise<void> {
  await database.batch([
    joinFeedback(database, at),
    database.prepare("DELETE FROM experiment_requests WHERE at < ?1").bind(at - REQUESTS_KEPT_MS),
    database.prepare("DELETE FROM feedback WHERE at < ?1").bind(at - FIGURES_KEPT_MS),
    database.prepare("DELETE FROM experiment_subjects WHERE updated_at < ?1").bind(at - FIGURES_KEPT_MS),
  ]);
}
