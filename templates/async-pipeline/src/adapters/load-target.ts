import type { LoadCheckpoint, LoadedPart, LoadTarget } from "../domain/ingest/load-target.ts";
import { BatchStore } from "./batch-store.ts";

/**
 * The rows of a batch that is being loaded, in D1.
 *
 * @param now ms, asked for each change
 * @param onLoaded called once the batch runs; with bad rows only it has ended already
 */
export function loadTarget(
  db: D1Database,
  batch: { readonly id: string; readonly tenant: string },
  { now, onLoaded }: { now: () => number; onLoaded: () => Promise<void> },
): LoadTarget {
  return {
    async checkpoint() {
      const row = await db
        .prepare("SELECT checkpoint FROM batches WHERE id = ?1")
        .bind(batch.id)
        .first<{ checkpoint: string | null }>();
      // Written below.
      return row?.checkpoint ? (JSON.parse(row.checkpoint) as LoadCheckpoint) : null;
    },

    async insertPart(part) {
      const at = now();
      const [, moved] = await db.batch<{ status: string }>([
        db.prepare(INSERT_PART).bind(batch.id, batch.tenant, at, part.key, rowsOf(part)),
        db
          .prepare(
            `UPDATE batches SET checkpoint = iif(?3 > checkpoint_part, ?2, checkpoint),
               checkpoint_part = max(?3, checkpoint_part), version = version + 1, changed_at = ?4
             WHERE id = ?1 AND status = 'loading' RETURNING status`,
          )
          .bind(batch.id, JSON.stringify(part.next), part.next.part, at),
      ]);
      return moved?.results.length === 1;
    },

    async finish(total) {
      const at = now();
      const finished = await db
        .prepare(
          `UPDATE batches SET status = iif(gate.reason IS NULL, 'running', 'waiting'), wait_reason = gate.reason,
             wait_message = gate.message, wait_until = gate.until, loaded_at = ?2, version = version + 1, changed_at = ?2
           FROM (SELECT 1) LEFT JOIN gates AS gate ON gate.tenant = ?3
           WHERE batches.id = ?1 AND status = 'loading' AND total = ?4 RETURNING id`,
        )
        .bind(batch.id, at, batch.tenant, total)
        .first();
      if (finished) return onLoaded();
      const batchNow = await new BatchStore(db).find(batch.id);
      if (batchNow?.status === "loading") {
        throw new Error(`batch ${batch.id} has ${batchNow.total} rows, but its source holds ${total} items`);
      }
    },

    fail: (error) => new BatchStore(db).fail(batch.id, error, now()),
  };
}

/** Rows go in as one JSON text: a statement takes 100 parameters at most. */
const INSERT_PART = `INSERT OR IGNORE INTO items (batch_id, tenant, position, line, group_id, payload_key, payload_offset,
    payload_length, status, step, reason, message, due_at, changed_at)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 0, iif(value ->> 2 IS NULL, NULL, ?4), value ->> 2, value ->> 3,
    iif(value ->> 4 IS NULL, 'waiting', 'dead'), iif(value ->> 4 IS NULL, NULL, 'load'), value ->> 4, value ->> 5, ?3, ?3
  FROM json_each(?5)
  WHERE (SELECT status FROM batches WHERE id = ?1) = 'loading'`;

function rowsOf(part: LoadedPart): string {
  return JSON.stringify(
    part.rows.map((row) =>
      row.kind === "item"
        ? [row.position, row.line, row.offset, row.length, null, null]
        : [row.position, row.line, null, null, row.reason, row.message.slice(0, 500)],
    ),
  );
}
