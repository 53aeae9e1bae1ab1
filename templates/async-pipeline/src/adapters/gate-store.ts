import { type Closing, FAILURES_THAT_CLOSE, type Gate, OPEN_GATE } from "../domain/gate.ts";

/** The gates in D1. The tenant's batches follow by trigger. */
export class GateStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async get(tenant: string): Promise<Gate> {
    const gate = await this.#db.prepare("SELECT * FROM gates WHERE tenant = ?1").bind(tenant).first<Gate>();
    return gate ?? OPEN_GATE;
  }

  /** Its time is over and, where one was asked, a model answers: items may go. */
  async open(tenant: string, now: number, answered: boolean): Promise<void> {
    await this.#db
      .prepare(
        // The first failure after this closes it again.
        `UPDATE gates SET reason = NULL, message = NULL, since = NULL, until = NULL, probes = 0, changed_at = ?2,
           failures = iif(?3, ?4, failures), answered_at = iif(?3, ?2, answered_at)
         WHERE tenant = ?1 AND reason IS NOT NULL`,
      )
      .bind(tenant, now, answered ? 1 : 0, FAILURES_THAT_CLOSE - 1)
      .run();
  }

  /** It was looked in vain. */
  async stay(tenant: string, closing: Closing, now: number): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE gates SET reason = ?2, message = ?3, until = ?4, probes = probes + 1, changed_at = ?5
         WHERE tenant = ?1 AND reason IS NOT NULL`,
      )
      .bind(tenant, closing.reason, closing.message.slice(0, 500), closing.until, now)
      .run();
  }
}

/** A model answered: written once a second at most, because every message says so. */
export const GATE_ANSWERED = `INSERT INTO gates (tenant, answered_at, changed_at) VALUES (?1, ?2, ?2)
  ON CONFLICT (tenant) DO UPDATE SET failures = 0, answered_at = excluded.answered_at, changed_at = excluded.changed_at
  WHERE failures > 0 OR answered_at < excluded.answered_at - 1000`;

/**
 * Calls failed, ?2 of them. The gate closes for the reason ?3 once ?7 have failed in a row: counted here and not from what
 * was read before, for messages of one delivery fail together and know nothing of each other. A later end stands.
 */
export const GATE_FAILED = `INSERT INTO gates (tenant, failures, reason, message, since, until, changed_at)
  VALUES (?1, ?2, iif(?2 >= ?7, ?3, NULL), iif(?2 >= ?7, ?4, NULL), iif(?2 >= ?7 AND ?3 IS NOT NULL, ?6, NULL),
    iif(?2 >= ?7, ?5, NULL), ?6)
  ON CONFLICT (tenant) DO UPDATE SET failures = failures + ?2,
    reason = iif(failures + ?2 >= ?7, coalesce(?3, reason), reason),
    message = iif(failures + ?2 >= ?7 AND ?3 IS NOT NULL, ?4, message),
    since = iif(failures + ?2 >= ?7 AND ?3 IS NOT NULL, coalesce(since, ?6), since),
    until = iif(failures + ?2 >= ?7 AND ?5 IS NOT NULL, max(ifnull(until, 0), ?5), until), changed_at = ?6`;
