/**
 * Marks at most 500 reservations whose time was over at `at` (ms) as crashed, the oldest first; returns their ids.
 * Their worst case moves from reserved to spent, in their own month.
 */
export function expireOverdue(database: D1Database, at: number): D1PreparedStatement {
  return database
    .prepare(
      `UPDATE calls SET state = 'expired' WHERE call_id IN (SELECT call_id FROM calls
         WHERE state = 'reserved' AND expires_at <= ?1 ORDER BY expires_at LIMIT 500)
       RETURNING call_id`,
    )
    .bind(at);
}
