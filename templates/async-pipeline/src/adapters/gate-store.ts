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

/** Calls failed, ?2 of them; the gate closes when ?3 (the reason) is given. A later end stands. */
export const GATE_FAILED = `INSERT INTO gates (tenant, failures, reason, message, since, until, changed_at)
  VALUES (?1, ?2, ?3, ?4, iif(?3 IS NULL, NULL, ?6), ?5, ?6)
  ON CONFLICT (tenant) DO UPDATE SET failures = failures + ?2,
    reason = coalesce(?3, reason), message = iif(?3 IS NULL, message, ?4),
    since = iif(?3 IS NULL, since, coalesce(since, ?6)),
    until = iif(?5 IS NULL, until, max(ifnull(until, 0), ?5)), changed_at = ?6`;
