import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Row, SqliteDatabase } from "../../core/sqlite-database.ts";
import type { Backlog, ContentType, TakenMessage } from "./message.ts";
import type { RetryRules, Settled } from "./message-requests.ts";
import { MESSAGE_SCHEMA } from "./message-schema.ts";

/** The tables of one account's messages, and the steps that all that happens to messages is made of. */
export class MessageTables extends SqliteDatabase {
  readonly #keys = new Map<string, number>();

  /**
   * Opens or makes the file. What was in flight when its last owner ended is ready again.
   *
   * @throws {Error} when the file is no sound SQLite database.
   */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    super(file);
    try {
      this.execute(MESSAGE_SCHEMA);
      for (const { key } of this.all("SELECT key FROM queues"))
        this.run("UPDATE messages SET in_flight = 0 WHERE queue = ? AND in_flight = 1", Number(key));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Runs `work` in one transaction. @param durable waits for the disk, so that not even a power cut undoes it. */
  commit<Result>(durable: boolean, work: () => Result): Result {
    this.execute(`PRAGMA synchronous = ${durable ? "FULL" : "NORMAL"}`);
    try {
      return this.transaction(work);
    } catch (error) {
      this.#keys.clear();
      throw error;
    }
  }

  /** What waits in a queue: read from counters, so whatever their number. */
  backlog(queue: string): Backlog {
    const key = this.key(queue);
    const counted = this.get("SELECT count, bytes FROM queues WHERE key = ?", key);
    const oldest = this.get("SELECT enqueued_at FROM messages WHERE queue = ? ORDER BY enqueued_at LIMIT 1", key);
    return {
      count: Number(counted?.["count"] ?? 0),
      bytes: Number(counted?.["bytes"] ?? 0),
      oldest: Number(oldest?.["enqueued_at"] ?? 0),
    };
  }

  /** Heads of the messages that may be delivered, those that were ready first before the others. */
  protected ready(key: number, now: number, expiredAt: number, limit: number): Row[] {
    return this.all(
      `SELECT sequence, id, content_type, sent_at, ready_at, attempts, again FROM messages INDEXED BY messages_ready
       WHERE queue = ? AND in_flight = 0 AND ready_at <= ? AND enqueued_at > ? ORDER BY ready_at, sequence LIMIT ?`,
      ...[key, now, expiredAt, limit],
    );
  }

  /** A message with its body. @param added attempts that the delivery under way adds to those that were counted. */
  protected taken(row: Row, added: number): TakenMessage {
    const sequence = Number(row["sequence"]);
    const body = this.get("SELECT body FROM bodies WHERE sequence = ?", sequence)?.["body"];
    return {
      sequence,
      id: String(row["id"]),
      // Written by `add` only.
      contentType: String(row["content_type"]) as ContentType,
      body: body instanceof Uint8Array ? body : new Uint8Array(),
      sentAt: Number(row["sent_at"]),
      attempts: Number(row["attempts"]) + added,
      again: row["again"] === 1,
    };
  }

  /** The message that has this lease. */
  protected leased(key: number, lease: string): Row | undefined {
    const sequence = Number(Buffer.from(lease, "base64url").toString().split(".")[0]);
    if (!Number.isSafeInteger(sequence)) return undefined;
    return this.get(
      "SELECT sequence, ready_at FROM messages WHERE sequence = ? AND queue = ? AND lease = ?",
      sequence,
      key,
      lease,
    );
  }

  /** Puts messages back that have retries left; the others become dead letters or are given up. */
  protected retry(
    key: number,
    { now, maxRetries, deadLetterQueue }: RetryRules,
    attemptsOf: (row: Row) => number,
    retried: readonly { sequence: number; readyAt: number; reason: string }[],
  ): Settled {
    const settled = { acknowledged: 0, retried: 0, deadLettered: 0, dropped: 0 };
    let nextAt: number | undefined;
    const spent: number[] = [];
    for (const { sequence, readyAt, reason } of retried) {
      const row = this.get("SELECT attempts, bytes FROM messages WHERE sequence = ? AND queue = ?", sequence, key);
      if (row === undefined) continue;
      const attempts = attemptsOf(row);
      if (attempts <= maxRetries) {
        this.run(
          "UPDATE messages SET in_flight = 0, attempts = ?, ready_at = ?, reason = ?, lease = NULL WHERE sequence = ?",
          ...[attempts, readyAt, reason, sequence],
        );
        settled.retried += 1;
        nextAt = Math.min(nextAt ?? readyAt, readyAt);
      } else if (deadLetterQueue === undefined) {
        spent.push(sequence);
        settled.dropped += 1;
      } else {
        this.#bury(key, this.key(deadLetterQueue), sequence, Number(row["bytes"]), now, reason);
        settled.deadLettered += 1;
      }
    }
    const gone = this.delete(key, spent);
    this.count(key, -gone.count, -gone.bytes, {
      retried: settled.retried,
      dead_lettered: settled.deadLettered,
      dropped: settled.dropped,
    });
    return { ...settled, nextAt };
  }

  /** A dead letter keeps its id and the time it was sent; its retention begins anew. */
  #bury(from: number, to: number, sequence: number, bytes: number, now: number, reason: string): void {
    this.run(
      `UPDATE messages SET queue = ?, enqueued_at = ?, ready_at = ?, in_flight = 0, attempts = 0, again = 0, lease = NULL,
       reason = ?, origin = (SELECT id FROM queues WHERE key = ?) WHERE sequence = ?`,
      ...[to, now, now, reason, from, sequence],
    );
    this.count(from, -1, -bytes, {});
    this.count(to, 1, bytes, {});
  }

  /** Deletes messages of a queue, and leaves its counters alone. */
  protected delete(key: number, sequences: readonly number[]): { count: number; bytes: number; sequences: number[] } {
    const gone = { count: 0, bytes: 0, sequences: [] as number[] };
    for (const sequence of sequences) {
      const row = this.get("DELETE FROM messages WHERE sequence = ? AND queue = ? RETURNING bytes", sequence, key);
      if (row === undefined) continue;
      this.run("DELETE FROM bodies WHERE sequence = ?", sequence);
      gone.count += 1;
      gone.bytes += Number(row["bytes"]);
      gone.sequences.push(sequence);
    }
    return gone;
  }

  /** Changes the counters of a queue. @param totals changes by column. */
  protected count(key: number, count: number, bytes: number, totals: Readonly<Record<string, number>>): void {
    const changes = Object.entries({ count, bytes, ...totals }).filter(([, change]) => change !== 0);
    if (changes.length === 0) return;
    const assignments = changes.map(([column]) => `${column} = ${column} + ?`).join(", ");
    this.run(`UPDATE queues SET ${assignments} WHERE key = ?`, ...changes.map(([, change]) => change), key);
  }

  /** What stands for the contents of a queue. */
  protected key(queue: string): number {
    const known = this.#keys.get(queue);
    if (known !== undefined) return known;
    this.run("INSERT OR IGNORE INTO queues (id) VALUES (?)", queue);
    const key = Number(this.get("SELECT key FROM queues WHERE id = ?", queue)?.["key"]);
    this.#keys.set(queue, key);
    return key;
  }

  /** The queue has other contents now, or none. */
  protected forgetKey(queue: string): void {
    this.#keys.delete(queue);
  }
}
