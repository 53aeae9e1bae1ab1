import type { Closing, Gate } from "../domain/gate.ts";
import type { ItemMessage } from "../domain/message.ts";
import type { Tally } from "../domain/outcome.ts";
import type { HeldItem, ItemChange } from "../domain/settle-outcome.ts";
import type { KeptAnswer } from "../steps/run-group.ts";
import { GATE_ANSWERED, GATE_FAILED } from "./gate-store.ts";
import { TAKE_BACK } from "./release-store.ts";

/** An item that somebody works on. */
export interface ClaimedItem extends HeldItem {
  readonly batch_id: string;
  /** Of the claim. */
  readonly token: string;
  readonly release: number;
  readonly payload_key: string | null;
  readonly payload_offset: number | null;
  readonly payload_length: number | null;
}

/** What the items of a message belong to. */
export interface WorkBatch {
  readonly id: string;
  readonly tenant: string;
  readonly pipeline: string;
  /** JSON. */
  readonly options: string;
}

/** A batch after a change. */
export interface BatchEnd {
  readonly status: string;
  readonly tell: 0 | 1;
}

/** A change of an item and where its result is. */
export interface WrittenChange extends ItemChange {
  readonly result: string | null;
  readonly resultKey: string | null;
}

/** Items that are being worked on, in D1. Whoever holds an item's claim may write; nobody else's writing has an effect. */
export class WorkStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Takes up the items of messages: those that are still released as the message says and that nobody works on. One
   * round trip, whatever the number of messages.
   */
  async claim(
    messages: readonly { readonly message: ItemMessage; readonly token: string }[],
    at: { now: number; leaseUntil: number },
  ): Promise<{ items: ClaimedItem[]; batches: WorkBatch[]; kept: (KeptAnswer & { batch_id: string })[] }> {
    const rows = JSON.stringify(
      messages.flatMap(({ message, token }) =>
        message.positions.map((position) => [message.batchId, position, message.release, token]),
      ),
    );
    const batchIds = JSON.stringify([...new Set(messages.map(({ message }) => message.batchId))]);
    const [claimed, batches, kept] = await this.#db.batch([
      this.#db
        .prepare(
          `UPDATE items SET claim = j.token, claims = claims + 1, lost = 0, lease_until = ?3, changed_at = ?2
           FROM (SELECT value ->> 0 AS batch_id, value ->> 1 AS position, value ->> 2 AS release, value ->> 3 AS token
             FROM json_each(?1)) AS j
           WHERE items.batch_id = j.batch_id AND items.position = j.position AND items.status = 'released'
             AND items.release = j.release AND (items.claim IS NULL OR items.lease_until <= ?2)
           RETURNING items.batch_id AS batch_id, items.position AS position, claim AS token, items.release AS release, payload_key, payload_offset,
             payload_length, attempts, setbacks, setback_at, answers`,
        )
        .bind(rows, at.now, at.leaseUntil),
      this.#db
        .prepare("SELECT id, tenant, pipeline, options FROM batches WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(batchIds),
      this.#db
        .prepare(
          `SELECT steps.batch_id, steps.position, steps.step, steps.part, steps.output FROM json_each(?1) AS j
           CROSS JOIN steps ON steps.batch_id = j.value ->> 0 AND steps.position = j.value ->> 1`,
        )
        .bind(rows),
    ]);
    // The columns are those that the statements above name.
    return {
      items: (claimed?.results ?? []) as ClaimedItem[],
      batches: (batches?.results ?? []) as WorkBatch[],
      kept: ((kept?.results ?? []) as (KeptAnswer & { batch_id: string; output: string })[]).map((row) => ({
        ...row,
        output: JSON.parse(row.output) as unknown,
      })),
    };
  }

  /** Holds claims longer. Returns how many items are still held. */
  async renew(items: readonly ClaimedItem[], leaseUntil: number): Promise<number> {
    const { results } = await this.#db
      .prepare(
        `UPDATE items SET lease_until = ?2
         FROM (SELECT value ->> 0 AS batch_id, value ->> 1 AS position, value ->> 2 AS token FROM json_each(?1)) AS j
         WHERE items.batch_id = j.batch_id AND items.position = j.position AND items.status = 'released'
           AND items.claim = j.token RETURNING 1`,
      )
      .bind(JSON.stringify(items.map((item) => [item.batch_id, item.position, item.token])), leaseUntil)
      .all();
    return results.length;
  }

  /** Lets go of claims without an outcome, so that the queue's next delivery can go on at once. */
  async drop(items: readonly ClaimedItem[], leaseUntil: number): Promise<void> {
    await this.#db
      .prepare(
        `UPDATE items SET claim = NULL, lease_until = ?2
         FROM (SELECT value ->> 0 AS batch_id, value ->> 1 AS position, value ->> 2 AS token FROM json_each(?1)) AS j
         WHERE items.batch_id = j.batch_id AND items.position = j.position AND items.status = 'released'
           AND items.claim = j.token`,
      )
      .bind(JSON.stringify(items.map((item) => [item.batch_id, item.position, item.token])), leaseUntil)
      .run();
  }

  /** Keeps answers of items that are held. An answer that is kept already stays, and is not counted again. */
  async keep(item: ClaimedItem, answers: readonly KeptAnswer[], tally: Tally): Promise<void> {
    const [first] = answers;
    if (!first) return;
    await this.#db.batch([
      this.#db
        .prepare(
          `${addTally(2)} WHERE id = ?1 AND ${held(9, 10, 11)}
             AND NOT EXISTS (SELECT 1 FROM steps WHERE batch_id = ?1 AND position = ?12 AND step = ?13 AND part = ?14)`,
        )
        .bind(
          item.batch_id,
          ...tallyValues(tally),
          item.batch_id,
          item.position,
          item.token,
          first.position,
          first.step,
          first.part,
        ),
      this.#db
        .prepare(
          `INSERT OR IGNORE INTO steps (batch_id, position, step, part, output)
           SELECT ?1, value ->> 0, ?2, value ->> 1, value ->> 2 FROM json_each(?3) WHERE ${held(4, 5, 6)}`,
        )
        .bind(
          item.batch_id,
          first.step,
          JSON.stringify(answers.map(({ position, part, output }) => [position, part, JSON.stringify(output)])),
          item.batch_id,
          item.position,
          item.token,
        ),
      this.#db
        .prepare("UPDATE items SET step = ?3 WHERE batch_id = ?1 AND position = ?2 AND claim = ?4")
        .bind(item.batch_id, item.position, first.step, item.token),
    ]);
  }

  /**
   * Writes what became of a group's items and lets go of them, in one transaction: statuses, what it took, and what it
   * says about the models. Without effect when the claim is lost.
   *
   * @returns the batch as it then is; null when it is gone
   */
  async commit(
    batch: WorkBatch,
    token: string,
    changes: readonly WrittenChange[],
    facts: {
      tally: Tally;
      answered: boolean;
      /** Of calls to models. */
      failures: number;
      /** How the gate closes once so many calls have failed in a row; 0: now. */
      closing: Closing | null;
      closesAt: number;
      now: number;
    },
  ): Promise<BatchEnd | null> {
    const [first] = changes;
    if (!first) return null;
    const { now, closing } = facts;
    const statements = [
      this.#db
        .prepare(`${addTally(2)} WHERE id = ?1 AND ${held(9, 10, 11)}`)
        .bind(batch.id, ...tallyValues(facts.tally), batch.id, first.position, token),
      this.#db
        .prepare(COMMIT)
        .bind(
          batch.id,
          token,
          JSON.stringify(
            changes.map((change) => [
              change.position,
              change.status,
              change.step,
              change.reason,
              change.message,
              change.result,
              change.resultKey,
              change.attempts,
              change.setbacks,
              change.setback_at,
              change.answers,
              change.dueAt,
              change.alone ? 1 : 0,
            ]),
          ),
          now,
        ),
      this.#db
        .prepare(
          `DELETE FROM steps WHERE batch_id = ?1 AND position IN (SELECT value FROM json_each(?2))
             AND (SELECT status FROM items WHERE items.batch_id = ?1 AND items.position = steps.position) = 'done'`,
        )
        .bind(
          batch.id,
          JSON.stringify(changes.filter(({ status }) => status === "done").map(({ position }) => position)),
        ),
    ];
    if (facts.answered) statements.push(this.#db.prepare(GATE_ANSWERED).bind(batch.tenant, now));
    if (facts.failures > 0 || closing) {
      statements.push(
        this.#db
          .prepare(GATE_FAILED)
          .bind(
            batch.tenant,
            facts.failures,
            closing?.reason ?? null,
            closing?.message.slice(0, 500) ?? null,
            closing?.until ?? null,
            now,
            facts.closesAt,
          ),
      );
    }
    statements.push(
      this.#db
        .prepare(
          `SELECT status, ifnull(webhook_state = 'pending' OR job_state = 'pending', 0) AS tell
           FROM batches WHERE id = ?1`,
        )
        .bind(batch.id),
    );
    const answers = await this.#db.batch<BatchEnd>(statements);
    return answers.at(-1)?.results[0] ?? null;
  }

  /**
   * What becomes of messages that the queue gave up: items that are still theirs, and that nobody works on, are taken
   * back; those begun too often are dead.
   */
  async giveUp(messages: readonly ItemMessage[], at: { now: number; dueAt: number }): Promise<void> {
    const rows = messages.flatMap(({ batchId, positions, release }) =>
      positions.map((position) => [batchId, position, release]),
    );
    await this.#db
      .prepare(
        `UPDATE items SET ${TAKE_BACK}, due_at = ?3, changed_at = ?2
         WHERE status = 'released' AND (claim IS NULL OR lease_until <= ?2)
           AND (batch_id, position, release) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1))`,
      )
      .bind(JSON.stringify(rows), at.now, at.dueAt)
      .run();
  }

  async gate(tenant: string): Promise<Gate | null> {
    return this.#db.prepare("SELECT * FROM gates WHERE tenant = ?1").bind(tenant).first<Gate>();
  }
}

/** An item that would wait again is cancelled when its batch is. */
const COMMIT = `UPDATE items SET
    status = iif(j.status = 'waiting' AND (SELECT cancelled_at FROM batches WHERE id = ?1) IS NOT NULL, 'cancelled', j.status),
    step = coalesce(j.step, items.step), reason = j.reason, message = j.message, result = j.result,
    result_key = j.result_key, attempts = j.attempts, setbacks = j.setbacks, setback_at = j.setback_at,
    answers = j.answers, due_at = j.due_at, grouping = iif(j.alone, 'alone', items.grouping),
    group_id = iif(j.alone, items.position, items.group_id), claim = NULL, claims = 0, lease_until = NULL, changed_at = ?4
  FROM (SELECT value ->> 0 AS position, value ->> 1 AS status, value ->> 2 AS step, value ->> 3 AS reason,
    value ->> 4 AS message, value ->> 5 AS result, value ->> 6 AS result_key, value ->> 7 AS attempts,
    value ->> 8 AS setbacks, value ->> 9 AS setback_at, value ->> 10 AS answers, value ->> 11 AS due_at,
    value ->> 12 AS alone FROM json_each(?3)) AS j
  WHERE items.batch_id = ?1 AND items.position = j.position AND items.status = 'released' AND items.claim = ?2`;

/** Adds seven sums, from parameter `first` on. */
function addTally(first: number): string {
  const names = ["calls", "calls_saved", "tokens_saved", "saved_nano", "input_tokens", "output_tokens", "cost_nano"];
  return `UPDATE batches SET ${names.map((name, index) => `${name} = ${name} + ?${first + index}`).join(", ")}`;
}

function tallyValues(tally: Tally): number[] {
  return [
    tally.calls,
    tally.callsSaved,
    tally.tokensSaved,
    tally.savedNano,
    tally.inputTokens,
    tally.outputTokens,
    tally.costNano,
  ];
}

/** Whether the claim of an item still stands: parameters of its batch, position and token. */
function held(batch: number, position: number, token: number): string {
  return `EXISTS (SELECT 1 FROM items WHERE items.batch_id = ?${batch} AND items.position = ?${position}
    AND items.status = 'released' AND items.claim = ?${token})`;
}
