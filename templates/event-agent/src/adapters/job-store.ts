import type { JobRecord, JobStatus, WebhookState } from "../domain/job.ts";

/** What a new record is made of; the rest has defaults in the table. */
export type NewJob = Pick<
  JobRecord,
  | "id"
  | "tenant"
  | "task"
  | "request"
  | "request_hash"
  | "idempotency_key"
  | "source"
  | "reason"
  | "not_before"
  | "deadline_at"
  | "created_at"
  | "expires_at"
  | "webhook_url"
  | "metadata"
>;

/** A job as lists show it. */
type ListedJob = Omit<JobRecord, "request">;

/** Its columns. */
const LISTED = `id, tenant, task, request_hash, idempotency_key, source, status, reason, run, attempt, attempts_in_run,
  not_before, deadline_at, lease_until, wake_at, created_at, started_at, finished_at, expires_at, model, fallback,
  stand_in, input_tokens, output_tokens, error_code, error_message, result_key, webhook_url, webhook_state,
  webhook_attempts, metadata`;

/** How an attempt ended for good. */
export type JobEnd =
  | {
      readonly status: "done";
      readonly model: string;
      readonly fallback: boolean;
      readonly standIn: boolean;
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
      readonly resultKey: string;
    }
  | { readonly status: "failed"; readonly code: string; readonly message: string };

/**
 * The jobs in D1. Every change of state is one conditional UPDATE, so that two who act at once cannot both succeed,
 * and every method that changes a job returns the row as it then is, or null when the condition did not hold.
 */
export class JobStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Inserts a job, or returns the one that has its idempotency key. */
  async create(job: NewJob): Promise<{ job: JobRecord; created: boolean }> {
    const insert = this.#db
      .prepare(
        `INSERT INTO jobs (id, tenant, task, request, request_hash, idempotency_key, source, status, reason,
           not_before, deadline_at, wake_at, created_at, expires_at, webhook_url, metadata)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8, ?9, ?10, ?9, ?11, ?12, ?13, ?14)
         ON CONFLICT (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING`,
      )
      .bind(
        job.id,
        job.tenant,
        job.task,
        job.request,
        job.request_hash,
        job.idempotency_key,
        job.source,
        job.reason,
        job.not_before,
        job.deadline_at,
        job.created_at,
        job.expires_at,
        job.webhook_url,
        job.metadata,
      );
    const select = this.#db
      .prepare("SELECT * FROM jobs WHERE tenant = ?1 AND (id = ?2 OR idempotency_key = ?3)")
      .bind(job.tenant, job.id, job.idempotency_key);
    const [inserted, selected] = await this.#db.batch<JobRecord>([insert, select]);
    const record = selected?.results[0];
    if (!record) throw new Error(`job ${job.id} is neither new nor known`);
    return { job: record, created: inserted?.meta.changes === 1 };
  }

  /** A tenant's job. */
  get(tenant: string, id: string): Promise<JobRecord | null> {
    return this.#db.prepare("SELECT * FROM jobs WHERE id = ?1 AND tenant = ?2").bind(id, tenant).first<JobRecord>();
  }

  /** Any job, for the machinery that already belongs to it. */
  find(id: string): Promise<JobRecord | null> {
    return this.#db.prepare("SELECT * FROM jobs WHERE id = ?1").bind(id).first<JobRecord>();
  }

  /** A tenant's jobs, newest first, below `before`. Without the requests: a page of large ones would not fit in memory. */
  async list(
    tenant: string,
    page: { status: JobStatus | undefined; before: string | undefined; limit: number },
  ): Promise<ListedJob[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT ${LISTED} FROM jobs WHERE tenant = ?1 AND id < ?2 ${page.status ? "AND status = ?4" : ""}
         ORDER BY id DESC LIMIT ?3`,
      )
      .bind(tenant, page.before ?? "~", page.limit, ...(page.status ? [page.status] : []))
      .all<ListedJob>();
    return results;
  }

  /**
   * Starts an attempt: raises the fence and takes the lease. Fails when somebody else moved the job since `job` was
   * read, or when its tenant already has `maxConcurrent` jobs running.
   */
  claim(job: JobRecord, at: { now: number; leaseUntil: number; maxConcurrent: number }): Promise<JobRecord | null> {
    return this.#db
      .prepare(
        `UPDATE jobs SET status = 'running', reason = NULL, attempt = attempt + 1,
           attempts_in_run = attempts_in_run + 1, started_at = COALESCE(started_at, ?3), lease_until = ?4, wake_at = ?4
         WHERE id = ?1 AND attempt = ?2 AND run = ?6 AND status IN ('queued', 'running')
           AND (status = 'running' OR ?5 > (SELECT COUNT(*) FROM jobs AS other
             WHERE other.tenant = jobs.tenant AND other.status = 'running' AND other.lease_until > ?3))
         RETURNING *`,
      )
      .bind(job.id, job.attempt, at.now, at.leaseUntil, at.maxConcurrent, job.run)
      .first<JobRecord>();
  }

  /** Puts a job back into the queue. `counts: false` gives the attempt back; a later deadline moves its expiry along. */
  postpone(
    job: JobRecord,
    next: { at: number; reason: string; counts: boolean; deadlineAt: number },
  ): Promise<JobRecord | null> {
    return this.#db
      .prepare(
        `UPDATE jobs SET status = 'queued', reason = ?3, not_before = ?4, wake_at = ?4, lease_until = NULL,
           attempts_in_run = attempts_in_run - ?5, expires_at = expires_at + ?7 - deadline_at, deadline_at = ?7
         WHERE id = ?1 AND attempt = ?2 AND run = ?6 AND status IN ('queued', 'running') RETURNING *`,
      )
      .bind(job.id, job.attempt, next.reason, next.at, next.counts ? 0 : 1, job.run, next.deadlineAt)
      .first<JobRecord>();
  }

  /** Ends a job: write-once, and only for the newest attempt. `wake_at` stays due until the object has settled. */
  finish(job: JobRecord, end: JobEnd, at: { now: number; expiresAt: number }): Promise<JobRecord | null> {
    const done = end.status === "done" ? end : null;
    const failed = end.status === "failed" ? end : null;
    return this.#db
      .prepare(
        `UPDATE jobs SET status = ?4, reason = NULL, lease_until = NULL, wake_at = ?5, finished_at = ?5,
           expires_at = ?6, model = ?7, fallback = ?8, stand_in = ?9, input_tokens = ?10, output_tokens = ?11,
           result_key = ?12, error_code = ?13, error_message = ?14,
           webhook_state = CASE WHEN webhook_url IS NULL THEN NULL ELSE 'pending' END, webhook_attempts = 0
         WHERE id = ?1 AND attempt = ?2 AND run = ?3 AND status IN ('queued', 'running') RETURNING *`,
      )
      .bind(
        job.id,
        job.attempt,
        job.run,
        end.status,
        at.now,
        at.expiresAt,
        done?.model ?? null,
        done?.fallback ? 1 : 0,
        done?.standIn ? 1 : 0,
        done?.usage.inputTokens ?? null,
        done?.usage.outputTokens ?? null,
        done?.resultKey ?? null,
        failed?.code ?? null,
        failed?.message.slice(0, 1_000) ?? null,
      )
      .first<JobRecord>();
  }

  /** Cancels a job that has not ended. */
  cancel(id: string, at: { now: number; expiresAt: number }): Promise<JobRecord | null> {
    return this.#db
      .prepare(
        `UPDATE jobs SET status = 'cancelled', reason = NULL, lease_until = NULL, wake_at = ?2, finished_at = ?2,
           expires_at = ?3, webhook_state = CASE WHEN webhook_url IS NULL THEN NULL ELSE 'pending' END,
           webhook_attempts = 0
         WHERE id = ?1 AND status IN ('queued', 'running') RETURNING *`,
      )
      .bind(id, at.now, at.expiresAt)
      .first<JobRecord>();
  }

  /** Queues a failed or cancelled job anew, as its next run. */
  requeue(id: string, at: { now: number; deadlineAt: number; expiresAt: number }): Promise<JobRecord | null> {
    return this.#db
      .prepare(
        `UPDATE jobs SET status = 'queued', reason = NULL, run = run + 1, attempts_in_run = 0, not_before = ?2,
           wake_at = ?2, deadline_at = ?3, expires_at = ?4, started_at = NULL, finished_at = NULL, error_code = NULL,
           error_message = NULL, webhook_state = NULL, webhook_attempts = 0
         WHERE id = ?1 AND status IN ('failed', 'cancelled') RETURNING *`,
      )
      .bind(id, at.now, at.deadlineAt, at.expiresAt)
      .first<JobRecord>();
  }

  /** Notes how far a finished run's webhook is, and when the object has to act next. */
  async settle(
    job: JobRecord,
    next: { wakeAt: number | null; webhook: { state: WebhookState; attempts: number } | null },
  ): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE jobs SET wake_at = ?3, webhook_state = ?4, webhook_attempts = ?5
         WHERE id = ?1 AND run = ?2 AND status IN ('done', 'failed', 'cancelled')`,
      )
      .bind(job.id, job.run, next.wakeAt, next.webhook?.state ?? null, next.webhook?.attempts ?? 0)
      .run();
  }

  /** Ids of jobs whose object should have acted before `before`. */
  async overdue(before: number, limit: number): Promise<string[]> {
    const { results } = await this.#db
      .prepare("SELECT id FROM jobs WHERE wake_at <= ?1 ORDER BY wake_at LIMIT ?2")
      .bind(before, limit)
      .all<{ id: string }>();
    return results.map((row) => row.id);
  }

  /** Finished jobs whose time is over. One that still waits is never forgotten, however long everything was asleep. */
  async expired(now: number, limit: number): Promise<Pick<JobRecord, "id" | "tenant">[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT id, tenant FROM jobs WHERE expires_at <= ?1 AND status NOT IN ('queued', 'running')
         ORDER BY expires_at LIMIT ?2`,
      )
      .bind(now, limit)
      .all<Pick<JobRecord, "id" | "tenant">>();
    return results;
  }

  /** Forgets a job. */
  async remove(id: string): Promise<void> {
    await this.#db.prepare("DELETE FROM jobs WHERE id = ?1").bind(id).run();
  }
}
