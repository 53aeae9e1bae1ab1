import type { ItemRecord, ItemStatus } from "../domain/item.ts";

/** The same reason at the same step. */
export interface FailureGroup {
  readonly reason: string;
  readonly step: string | null;
  readonly count: number;
  /** One of their messages. */
  readonly message: string | null;
  /** The first one's. */
  readonly position: number;
}

/** Which dead items go round again. */
export interface RedriveChoice {
  readonly reason?: string | undefined;
  readonly positions?: readonly number[] | undefined;
}

/** Rows of one statement: a transaction of so many takes a second or two. */
const REDRIVEN_AT_ONCE = 10_000;

const LISTED = `batch_id, position, status, line, payload_key, payload_offset, payload_length, attempts, due_at, step, reason,
  message, result_key, changed_at`;

/** The items in D1 as callers see and steer them. Whoever calls has checked that the batch is the caller's. */
export class ItemStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** A batch's items after a position, in their order. Without results: a page of large ones would not fit in memory. */
  async list(
    batchId: string,
    page: { status?: ItemStatus | undefined; reason?: string | undefined; after: number; limit: number },
  ): Promise<Omit<ItemRecord, "result">[]> {
    const where = ["batch_id = ?", "position > ?"];
    const values: unknown[] = [batchId, page.after];
    if (page.status !== undefined) {
      where.push("status = ?");
      values.push(page.status);
    }
    if (page.reason !== undefined) {
      where.push("reason = ?");
      values.push(page.reason);
    }
    const { results } = await this.#db
      .prepare(`SELECT ${LISTED} FROM items WHERE ${where.join(" AND ")} ORDER BY position LIMIT ?`)
      .bind(...values, page.limit)
      .all<Omit<ItemRecord, "result">>();
    return results;
  }

  get(batchId: string, position: number): Promise<ItemRecord | null> {
    return this.#db
      .prepare(`SELECT ${LISTED}, result FROM items WHERE batch_id = ?1 AND position = ?2`)
      .bind(batchId, position)
      .first<ItemRecord>();
  }

  /** Done items with their results after a position, in their order. */
  async results(
    batchId: string,
    page: { after: number; limit: number },
  ): Promise<Pick<ItemRecord, "position" | "line" | "result" | "result_key">[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT position, line, result, result_key FROM items
         WHERE batch_id = ?1 AND status = 'done' AND position > ?2 ORDER BY position LIMIT ?3`,
      )
      .bind(batchId, page.after, page.limit)
      .all<Pick<ItemRecord, "position" | "line" | "result" | "result_key">>();
    return results;
  }

  /** A batch's dead items by reason and step, the most frequent first. */
  async failures(batchId: string): Promise<FailureGroup[]> {
    const { results } = await this.#db
      .prepare(
        // With a bare min(), SQLite takes the other columns from the same row.
        `SELECT ifnull(reason, 'unknown') AS reason, step, count(*) AS count, message, min(position) AS position
         FROM items WHERE batch_id = ?1 AND status = 'dead' GROUP BY reason, step ORDER BY count DESC, reason, step LIMIT 200`,
      )
      .bind(batchId)
      .all<FailureGroup>();
    return results;
  }

  /**
   * Sends dead items round again, with no attempts used; their batch runs again. Those that were never read (a broken
   * line) stay dead. Invalid answers stay counted, so that the next question is not answered from the cache.
   *
   * @returns how many; 0 also when the batch is loading or failed
   */
  async redrive(batchId: string, choice: RedriveChoice, now: number): Promise<number> {
    const positions = choice.positions === undefined ? null : JSON.stringify(choice.positions);
    let redriven = 0;
    for (;;) {
      const [moved] = await this.#db.batch([
        this.#db
          .prepare(
            `UPDATE items SET status = 'waiting', attempts = 0, setbacks = 0, setback_at = NULL, claims = 0, lost = 0,
               due_at = ?2, reason = NULL, message = NULL, changed_at = ?2
             WHERE batch_id = ?1 AND status = 'dead' AND position IN (
               SELECT position FROM items WHERE batch_id = ?1 AND status = 'dead' AND payload_key IS NOT NULL
                 AND (?3 IS NULL OR reason = ?3) AND (?4 IS NULL OR position IN (SELECT value FROM json_each(?4)))
               LIMIT ?5)
             AND EXISTS (SELECT 1 FROM batches WHERE id = ?1 AND deleted_at IS NULL
               AND (status IN ('done', 'cancelled') OR status IN ('running', 'waiting') AND cancelled_at IS NULL))
             RETURNING 1`,
          )
          .bind(batchId, now, choice.reason ?? null, positions, REDRIVEN_AT_ONCE),
        this.#db
          .prepare(
            `UPDATE batches SET status = iif(gate.reason IS NULL, 'running', 'waiting'), wait_reason = gate.reason,
               wait_message = gate.message, wait_until = gate.until, run = run + 1, cancelled_at = NULL,
               ended_at = NULL, expires_at = NULL, webhook_state = NULL, job_state = NULL,
               version = version + 1, changed_at = ?2
             FROM (SELECT 1) LEFT JOIN gates AS gate
               ON gate.tenant = (SELECT tenant FROM batches WHERE id = ?1)
             WHERE batches.id = ?1 AND status IN ('done', 'cancelled') AND waiting > 0`,
          )
          .bind(batchId, now),
      ]);
      const rows = moved?.results.length ?? 0;
      redriven += rows;
      if (rows < REDRIVEN_AT_ONCE) return redriven;
    }
  }
}
