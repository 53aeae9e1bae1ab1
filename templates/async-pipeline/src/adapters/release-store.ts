import type { Gate } from "../domain/gate.ts";
import { OPEN_GATE } from "../domain/gate.ts";

/** A waiting item that is due. */
export interface DueItem {
  readonly position: number;
  readonly group_id: number;
  readonly grouping: "open" | "shared" | "alone";
  readonly release: number;
  readonly lost: number;
  readonly payload_key: string | null;
  readonly payload_length: number | null;
}

/** A batch whose turn it may be. */
interface FedBatch {
  readonly id: string;
  readonly pipeline: string;
}

/** Items that go out in one message. */
export interface Group {
  readonly batchId: string;
  readonly positions: readonly number[];
  readonly release: number;
  readonly lost: number;
}

/** What a tenant's feeder has to know. Times in ms. */
export interface TenantState {
  readonly gate: Gate;
  /** Groups that are out. */
  readonly released: number;
  /** Those with due items, the one whose turn was longest ago first. */
  readonly batches: readonly FedBatch[];
  /** When the next lease of a released item ends. */
  readonly nextLease: number | null;
  /** When the next item is due that is not yet. */
  readonly nextDue: number | null;
}

/** Begun so often without an outcome, an item has killed whoever worked on it. As often as the queue delivers a message. */
const MOST_CLAIMS = 6;
/** From then on the items of a group are tried one by one, to find the one that kills. */
const CLAIMS_THAT_PART = 4;

/**
 * What an item becomes that nobody finished: waiting again, dead when it was begun too often, or cancelled with its
 * batch. Reads the row as it was.
 */
export const TAKE_BACK = `status = CASE
    WHEN claims >= ${MOST_CLAIMS} AND grouping <> 'shared' THEN 'dead'
    WHEN (SELECT cancelled_at FROM batches WHERE id = items.batch_id) IS NOT NULL THEN 'cancelled'
    ELSE 'waiting' END,
  reason = iif(claims > 0, 'consumer_crashed', reason),
  message = iif(claims > 0, 'its processing broke off ' || claims || ' times', message),
  grouping = iif(claims >= ${CLAIMS_THAT_PART} AND grouping = 'shared', 'alone', grouping),
  group_id = iif(claims >= ${CLAIMS_THAT_PART} AND grouping = 'shared', position, group_id),
  claims = iif(claims >= ${CLAIMS_THAT_PART} AND grouping = 'shared', 0, claims),
  lost = lost + (claim IS NULL), claim = NULL, lease_until = NULL`;

/** Items on their way into the queue, in D1. */
export class ReleaseStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Takes back items whose lease has run out, then says how things are. One round trip. */
  async look(tenant: string, now: number, mostBatches: number): Promise<TenantState> {
    const [, gate, released, batches, later] = await this.#db.batch([
      this.#db
        .prepare(
          `UPDATE items SET ${TAKE_BACK}, due_at = ?2, changed_at = ?2
           WHERE tenant = ?1 AND status = 'released' AND lease_until <= ?2`,
        )
        .bind(tenant, now),
      this.#db.prepare("SELECT * FROM gates WHERE tenant = ?1").bind(tenant),
      this.#db
        .prepare(
          `SELECT count(DISTINCT batch_id || '/' || group_id) AS groups, min(lease_until) AS next FROM items
           WHERE tenant = ?1 AND status = 'released'`,
        )
        .bind(tenant),
      this.#db
        .prepare(
          `SELECT id, pipeline FROM batches WHERE tenant = ?1 AND status IN ('running', 'waiting') AND waiting > 0
             AND cancelled_at IS NULL AND EXISTS (SELECT 1 FROM items
               WHERE batch_id = batches.id AND items.status = 'waiting' AND due_at <= ?3)
           ORDER BY fed_at, id LIMIT ?2`,
        )
        .bind(tenant, mostBatches, now),
      this.#db
        .prepare(
          `SELECT min((SELECT min(due_at) FROM items
             WHERE batch_id = batches.id AND items.status = 'waiting' AND due_at > ?2)) AS next
           FROM batches WHERE tenant = ?1 AND status IN ('running', 'waiting') AND waiting > 0 AND cancelled_at IS NULL`,
        )
        .bind(tenant, now),
    ]);
    // The columns are those that the statements above name.
    const [row] = (released?.results ?? []) as { groups: number; next: number | null }[];
    return {
      gate: (gate?.results[0] as Gate | undefined) ?? OPEN_GATE,
      released: row?.groups ?? 0,
      nextLease: row?.next ?? null,
      batches: (batches?.results ?? []) as FedBatch[],
      nextDue: (later?.results[0] as { next: number | null } | undefined)?.next ?? null,
    };
  }

  /** The due items of several batches, members of a group side by side. One round trip. */
  async due(batches: readonly { readonly id: string; readonly limit: number }[], now: number): Promise<DueItem[][]> {
    const answers = await this.#db.batch<DueItem>(
      batches.map(({ id, limit }) =>
        this.#db
          .prepare(
            `SELECT position, group_id, grouping, release, lost, payload_key, payload_length FROM items
             WHERE batch_id = ?1 AND status = 'waiting' AND due_at <= ?2 ORDER BY due_at, group_id, position LIMIT ?3`,
          )
          .bind(id, now, limit),
      ),
    );
    return answers.map(({ results }) => results);
  }

  /**
   * Marks groups released, with a lease of its own for each. Items that were cancelled meanwhile are left out.
   *
   * @returns what really is released now
   */
  async release(
    groups: readonly (Group & { readonly leaseUntil: number })[],
    now: number,
  ): Promise<{ batchId: string; position: number; groupId: number }[]> {
    const rows = groups.flatMap(({ batchId, positions, release, leaseUntil }) =>
      positions.map((position) => [
        batchId,
        position,
        positions[0],
        release,
        leaseUntil,
        positions.length > 1 ? "shared" : "alone",
      ]),
    );
    const [released] = await this.#db.batch<{ batchId: string; position: number; groupId: number }>([
      this.#db
        .prepare(
          `UPDATE items SET status = 'released', group_id = j.group_id, release = j.release, lease_until = j.lease_until,
             grouping = iif(items.grouping = 'open', j.grouping, items.grouping), claim = NULL, changed_at = ?2
           FROM (SELECT value ->> 0 AS batch_id, value ->> 1 AS position, value ->> 2 AS group_id, value ->> 3 AS release,
             value ->> 4 AS lease_until, value ->> 5 AS grouping FROM json_each(?1)) AS j
           WHERE items.batch_id = j.batch_id AND items.position = j.position AND items.status = 'waiting'
           RETURNING items.batch_id AS batchId, items.position AS position, items.group_id AS groupId`,
        )
        .bind(JSON.stringify(rows), now),
      this.#db
        .prepare(
          `UPDATE batches SET fed_at = ?2, started_at = coalesce(started_at, ?2)
           WHERE id IN (SELECT value FROM json_each(?1))`,
        )
        .bind(JSON.stringify([...new Set(groups.map(({ batchId }) => batchId))]), now),
    ]);
    return released?.results ?? [];
  }
}
