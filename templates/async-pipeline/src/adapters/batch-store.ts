import type { BatchRecord, BatchStatus } from "../domain/batch.ts";

/** What a new record is made of; the rest has defaults in the table. */
export type NewBatch = Pick<
  BatchRecord,
  | "id"
  | "tenant"
  | "pipeline"
  | "options"
  | "source"
  | "idempotency_key"
  | "request_hash"
  | "webhook_url"
  | "agent_job"
  | "created_at"
> & {
  readonly status: "receiving" | "loading";
  /** ms that the batch is kept after its end. */
  readonly retention_ms: number;
};

/** A batch and what makes its end known. */
export type EndedBatch = Pick<BatchRecord, "id" | "run">;

/**
 * The batches in D1. Every change of state is conditional, so that two who act at once cannot both succeed. Counts and
 * ends are the triggers' work (migrations/0002_batches.sql).
 */
export class BatchStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Inserts a batch, or returns the one that has its idempotency key. */
  async create(batch: NewBatch): Promise<{ batch: BatchRecord; created: boolean }> {
    const insert = this.#db
      .prepare(
        `INSERT INTO batches (id, tenant, pipeline, options, status, source, idempotency_key, request_hash, webhook_url,
           agent_job, created_at, changed_at, retention_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)
         ON CONFLICT (tenant, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING`,
      )
      .bind(
        batch.id,
        batch.tenant,
        batch.pipeline,
        batch.options,
        batch.status,
        batch.source,
        batch.idempotency_key,
        batch.request_hash,
        batch.webhook_url,
        batch.agent_job,
        batch.created_at,
        batch.retention_ms,
      );
    const select = this.#db
      .prepare("SELECT * FROM batches WHERE tenant = ?1 AND (id = ?2 OR idempotency_key = ?3)")
      .bind(batch.tenant, batch.id, batch.idempotency_key);
    const [inserted, selected] = await this.#db.batch<BatchRecord>([insert, select]);
    const record = selected?.results[0];
    if (!record) throw new Error(`batch ${batch.id} is neither new nor known`);
    return { batch: record, created: inserted?.meta.changes === 1 };
  }

  /** The upload is there: `source` says where. Null when the batch was cancelled meanwhile. */
  received(id: string, source: string, now: number): Promise<BatchRecord | null> {
    return this.#db
      .prepare(
        `UPDATE batches SET status = 'loading', source = ?2, version = version + 1, changed_at = ?3
         WHERE id = ?1 AND status = 'receiving' RETURNING *`,
      )
      .bind(id, source, now)
      .first<BatchRecord>();
  }

  /** Its upload is still arriving. */
  async stillReceiving(id: string, now: number): Promise<void> {
    await this.#db
      .prepare("UPDATE batches SET changed_at = ?2 WHERE id = ?1 AND status = 'receiving'")
      .bind(id, now)
      .run();
  }

  /** Takes back a batch whose upload never became whole, so that its idempotency key is free again. */
  async withdraw(id: string): Promise<void> {
    await this.#db.prepare("DELETE FROM batches WHERE id = ?1 AND status = 'receiving'").bind(id).run();
  }

  /** Gives up a failed batch's claim to its idempotency key: the submission may be made again. */
  async freeKey(id: string): Promise<void> {
    await this.#db
      .prepare("UPDATE batches SET idempotency_key = NULL WHERE id = ?1 AND status = 'failed'")
      .bind(id)
      .run();
  }

  /** A tenant's batch. */
  get(tenant: string, id: string): Promise<BatchRecord | null> {
    return this.#db
      .prepare("SELECT * FROM batches WHERE id = ?1 AND tenant = ?2 AND deleted_at IS NULL")
      .bind(id, tenant)
      .first<BatchRecord>();
  }

  /** Any batch, for the machinery. */
  find(id: string): Promise<BatchRecord | null> {
    return this.#db.prepare("SELECT * FROM batches WHERE id = ?1").bind(id).first<BatchRecord>();
  }

  /** A tenant's batches, newest first, below `before`. */
  async list(
    tenant: string,
    page: { status: BatchStatus | undefined; before: string | undefined; limit: number },
  ): Promise<BatchRecord[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT * FROM batches WHERE tenant = ?1 AND id < ?2 AND deleted_at IS NULL
           ${page.status ? "AND status = ?4" : ""} ORDER BY id DESC LIMIT ?3`,
      )
      .bind(tenant, page.before ?? "~", page.limit, ...(page.status ? [page.status] : []))
      .all<BatchRecord>();
    return results;
  }

  /**
   * Cancels a batch that has not ended: what waits is cancelled, what was begun is finished and kept.
   *
   * @returns the batch as it then is; null when it had ended already, or a cancel was asked for before
   */
  async cancel(tenant: string, id: string, now: number): Promise<BatchRecord | null> {
    const [, marked] = await this.#db.batch<BatchRecord>([
      // Before its items run there is nothing to wait for.
      this.#db
        .prepare(
          `UPDATE batches SET status = 'cancelled', cancelled_at = ?3, ended_at = ?3, expires_at = ?3 + retention_ms,
             version = version + 1, changed_at = ?3,
             webhook_state = iif(webhook_url IS NULL, NULL, 'pending'), webhook_at = ?3,
             job_state = iif(agent_job IS NULL, NULL, 'pending'), job_at = ?3
           WHERE id = ?1 AND tenant = ?2 AND status IN ('receiving', 'loading')`,
        )
        .bind(id, tenant, now),
      this.#db
        .prepare(
          `UPDATE batches SET cancelled_at = ?3, version = version + 1, changed_at = ?3
           WHERE id = ?1 AND tenant = ?2 AND deleted_at IS NULL
             AND (cancelled_at IS NULL AND status IN ('running', 'waiting') OR status = 'cancelled' AND cancelled_at = ?3)
           RETURNING *`,
        )
        .bind(id, tenant, now),
      this.#db
        .prepare(
          `UPDATE items SET status = 'cancelled', changed_at = ?2 WHERE batch_id = ?1 AND status = 'waiting'
             AND (SELECT cancelled_at FROM batches WHERE id = ?1 AND tenant = ?3) IS NOT NULL`,
        )
        .bind(id, now, tenant),
    ]);
    return marked?.results[0] ? this.get(tenant, id) : null;
  }

  /** Hides an ended batch until everything of it is removed. False when it is not there or has not ended. */
  async hide(tenant: string, id: string, now: number): Promise<boolean> {
    const { meta } = await this.#db
      .prepare(
        `UPDATE batches SET deleted_at = ?3, idempotency_key = NULL WHERE id = ?1 AND tenant = ?2 AND deleted_at IS NULL
           AND status IN ('done', 'cancelled', 'failed')`,
      )
      .bind(id, tenant, now)
      .run();
    return meta.changes === 1;
  }

  /** Hides what has expired and returns everything hidden, the longest hidden first. */
  async toRemove(now: number, limit: number): Promise<Pick<BatchRecord, "id" | "tenant" | "source">[]> {
    const [, hidden] = await this.#db.batch<Pick<BatchRecord, "id" | "tenant" | "source">>([
      this.#db
        .prepare(
          "UPDATE batches SET deleted_at = ?1, idempotency_key = NULL WHERE expires_at <= ?1 AND deleted_at IS NULL",
        )
        .bind(now),
      this.#db
        .prepare("SELECT id, tenant, source FROM batches WHERE deleted_at IS NOT NULL ORDER BY deleted_at, id LIMIT ?1")
        .bind(limit),
    ]);
    return hidden?.results ?? [];
  }

  /** Removes a hidden batch's rows, at most `limit` items. True when nothing of it is left. */
  async remove(id: string, limit: number): Promise<boolean> {
    const [, , , left] = await this.#db.batch<{ left: number }>([
      this.#db
        .prepare(
          `DELETE FROM steps WHERE batch_id = ?1 AND position IN
             (SELECT position FROM items WHERE batch_id = ?1 ORDER BY position LIMIT ?2)`,
        )
        .bind(id, limit),
      this.#db
        .prepare(
          `DELETE FROM items WHERE batch_id = ?1 AND position IN
             (SELECT position FROM items WHERE batch_id = ?1 ORDER BY position LIMIT ?2)`,
        )
        .bind(id, limit),
      this.#db
        .prepare(
          `DELETE FROM batches WHERE id = ?1 AND deleted_at IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM items WHERE batch_id = ?1)`,
        )
        .bind(id),
      this.#db.prepare("SELECT count(*) AS left FROM batches WHERE id = ?1").bind(id),
    ]);
    return left?.results[0]?.left === 0;
  }

  /** Batches whose load chore has shown no progress since `before`. */
  stalled(status: "receiving" | "loading", before: number, limit: number): Promise<BatchRecord[]> {
    return this.#all(
      "SELECT * FROM batches WHERE status = ?1 AND changed_at < ?2 ORDER BY changed_at LIMIT ?3",
      status,
      before,
      limit,
    );
  }

  /** Ends a batch that cannot be loaded. */
  async fail(id: string, error: { code: string; message: string }, now: number): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE batches SET status = 'failed', error_code = ?2, error_message = ?3, ended_at = ?4, changed_at = ?4,
           expires_at = ?4 + retention_ms, version = version + 1,
           webhook_state = iif(webhook_url IS NULL, NULL, 'pending'), webhook_at = ?4,
           job_state = iif(agent_job IS NULL, NULL, 'pending'), job_at = ?4
         WHERE id = ?1 AND status IN ('receiving', 'loading')`,
      )
      .bind(id, error.code, error.message.slice(0, 1_000), now)
      .run();
  }

  /** Tenants with items to release, or released ones whose lease has run out. */
  async tenantsToFeed(now: number): Promise<string[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT DISTINCT tenant FROM batches WHERE status IN ('running', 'waiting') AND (waiting > 0 OR EXISTS (
           SELECT 1 FROM items WHERE items.tenant = batches.tenant AND items.status = 'released' AND lease_until <= ?1))
         LIMIT 200`,
      )
      .bind(now)
      .all<{ tenant: string }>();
    return results.map((row) => row.tenant);
  }

  /** Ended batches that somebody has to be told about. */
  async toTell(now: number, limit: number): Promise<EndedBatch[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT id, run FROM batches WHERE webhook_state = 'pending' AND webhook_at <= ?1
         UNION SELECT id, run FROM batches WHERE job_state = 'pending' AND job_at <= ?1 LIMIT ?2`,
      )
      .bind(now, limit)
      .all<EndedBatch>();
    return results;
  }

  /**
   * Takes the next attempt to tell about a batch's end, until `leaseUntil` (ms). Null when it is not due, done, or
   * somebody else's.
   */
  takeNotice(
    id: string,
    kind: "webhook" | "job",
    at: { now: number; leaseUntil: number },
  ): Promise<BatchRecord | null> {
    return this.#db
      .prepare(
        `UPDATE batches SET ${kind}_attempts = ${kind}_attempts + 1, ${kind}_at = ?3
         WHERE id = ?1 AND ${kind}_state = 'pending' AND ${kind}_at <= ?2 RETURNING *`,
      )
      .bind(id, at.now, at.leaseUntil)
      .first<BatchRecord>();
  }

  /** What an attempt came to. A redrive since then makes it the past. */
  async endNotice(
    batch: EndedBatch,
    kind: "webhook" | "job",
    outcome: {
      state: "pending" | "delivered" | "gave_up";
      /** ms, when pending. */
      nextAt: number | null;
      jobId?: string | null;
    },
  ): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE batches SET ${kind}_state = ?3, ${kind}_at = ?4, job_id = coalesce(?5, job_id), version = version + 1
         WHERE id = ?1 AND run = ?2 AND ${kind}_state = 'pending'`,
      )
      .bind(batch.id, batch.run, outcome.state, outcome.nextAt, outcome.jobId ?? null)
      .run();
  }

  async #all(sql: string, ...values: unknown[]): Promise<BatchRecord[]> {
    return (
      await this.#db
        .prepare(sql)
        .bind(...values)
        .all<BatchRecord>()
    ).results;
  }
}
