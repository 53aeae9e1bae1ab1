import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Row } from "../../core/sqlite-database.ts";
import type { Backlog, LeasedMessage, NewMessage, StoredMessage } from "./message.ts";
import type {
  LeaseSettlement,
  ListRequest,
  PullRequest,
  QueueSummary,
  Settled,
  Settlement,
  Taken,
  TakeRequest,
} from "./message-requests.ts";
import { MessageTables } from "./message-tables.ts";

/** How many messages a background deletion takes at once. */
const CHUNK = 2000;
/** From how many times its size a shuffled batch is drawn. */
const SHUFFLE_WINDOW = 10;

/** The messages of one account, in a database of their own. Everything is synchronous: it lives in a thread of its own. */
export class MessageDatabase extends MessageTables {
  /** Puts messages into a queue. */
  add(queue: string, messages: readonly NewMessage[]): Backlog {
    const key = this.key(queue);
    let bytes = 0;
    for (const { id, contentType, body, sentAt, readyAt } of messages) {
      this.run(
        `INSERT INTO messages (queue, id, content_type, bytes, sent_at, enqueued_at, ready_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...[key, id, contentType, body.byteLength, sentAt, sentAt, readyAt],
      );
      this.run("INSERT INTO bodies (sequence, body) VALUES (last_insert_rowid(), ?)", body);
      bytes += body.byteLength;
    }
    this.count(key, messages.length, bytes, { sent: messages.length });
    return this.backlog(queue);
  }

  /** Takes a batch for a push consumer, when there is one. It is in flight until it is settled. */
  take(queue: string, { now, size, wait, expiredAt, shuffled }: TakeRequest): Taken {
    const key = this.key(queue);
    const ready = this.ready(key, now, expiredAt, shuffled ? size * SHUFFLE_WINDOW : size);
    const first = ready[0];
    if (first === undefined) {
      const next = this.get(
        "SELECT min(ready_at) AS at FROM messages WHERE queue = ? AND in_flight = 0 AND ready_at > ?",
        key,
        now,
      );
      const nextAt = next?.["at"];
      return {
        messages: [],
        ready: 0,
        nextAt: typeof nextAt === "number" ? nextAt : undefined,
        backlog: this.backlog(queue),
      };
    }
    const dueAt = Number(first["ready_at"]) + wait;
    if (ready.length < size && dueAt > now)
      return { messages: [], ready: ready.length, nextAt: dueAt, backlog: this.backlog(queue) };
    const chosen = (shuffled ? shuffle(ready) : ready).slice(0, size);
    for (const { sequence } of chosen)
      this.run("UPDATE messages SET in_flight = 1 WHERE sequence = ?", Number(sequence));
    return {
      messages: chosen.map((row) => this.taken(row, 1)),
      ready: 0,
      nextAt: undefined,
      backlog: this.backlog(queue),
    };
  }

  /** Ends a push delivery. Messages that are gone meanwhile, by a purge, are passed over. */
  settle(queue: string, settlement: Settlement): Settled {
    const key = this.key(queue);
    const acknowledged = this.delete(key, settlement.acknowledged);
    this.count(key, -acknowledged.count, -acknowledged.bytes, { acknowledged: acknowledged.count });
    for (const sequence of settlement.released)
      this.run("UPDATE messages SET in_flight = 0 WHERE sequence = ? AND queue = ?", sequence, key);
    for (const sequence of settlement.repeated)
      this.run("UPDATE messages SET in_flight = 0, again = 1 WHERE sequence = ? AND queue = ?", sequence, key);
    const failed = this.retry(key, settlement, (row) => Number(row["attempts"]) + 1, settlement.retried);
    return { ...failed, acknowledged: acknowledged.count + settlement.repeated.length };
  }

  /** Leases messages to a pull consumer. Those whose last lease ran out without an answer go to the dead letters. */
  pull(queue: string, request: PullRequest): { messages: LeasedMessage[]; backlog: Backlog; settled: Settled } {
    const { now, size, visibility, expiredAt, shuffled, secret } = request;
    const key = this.key(queue);
    const settled = { acknowledged: 0, retried: 0, deadLettered: 0, dropped: 0, nextAt: undefined };
    let chosen: Row[] = [];
    for (;;) {
      const ready = this.ready(key, now, expiredAt, shuffled ? size * SHUFFLE_WINDOW : size);
      const spent = ready.filter(({ attempts }) => Number(attempts) > request.maxRetries);
      if (spent.length === 0) {
        chosen = (shuffled ? shuffle(ready) : ready).slice(0, size);
        break;
      }
      const reason = "the lease ran out";
      const retried = spent.map(({ sequence }) => ({ sequence: Number(sequence), readyAt: now, reason }));
      const buried = this.retry(key, request, (row) => Number(row["attempts"]), retried);
      settled.deadLettered += buried.deadLettered;
      settled.dropped += buried.dropped;
    }
    const messages = chosen.map((row) => {
      const lease = Buffer.from(`${String(row["sequence"])}.${String(row["attempts"])}.${secret}`).toString(
        "base64url",
      );
      this.run(
        "UPDATE messages SET lease = ?, ready_at = ?, attempts = attempts + 1 WHERE sequence = ?",
        ...[lease, now + visibility, Number(row["sequence"])],
      );
      return { ...this.taken(row, 1), lease };
    });
    return { messages, backlog: this.backlog(queue), settled };
  }

  /** Acknowledges and retries leased messages. A lease that ran out, or that nobody has, is named in `warnings`. */
  settleLeases(
    queue: string,
    settlement: LeaseSettlement,
  ): { ackCount: number; retryCount: number; warnings: Record<string, string> } {
    const key = this.key(queue);
    const warnings: Record<string, string> = {};
    const find = (lease: string): number | undefined => {
      const row = this.leased(key, lease);
      if (row !== undefined && Number(row["ready_at"]) > settlement.now) return Number(row["sequence"]);
      warnings[lease] = row === undefined ? "lease_id is not valid" : "lease_id has expired";
      return undefined;
    };
    const acks = settlement.acknowledged.map(find).filter((sequence) => sequence !== undefined);
    const gone = this.delete(key, acks);
    this.count(key, -gone.count, -gone.bytes, { acknowledged: gone.count });
    const retries = settlement.retried.flatMap(({ lease, readyAt }) => {
      const sequence = find(lease);
      return sequence === undefined ? [] : [{ sequence, readyAt, reason: "retry" }];
    });
    this.retry(key, settlement, (row) => Number(row["attempts"]), retries);
    return { ackCount: gone.count, retryCount: retries.length, warnings };
  }

  /** Messages in the order of their arrival, without leasing them. */
  list(queue: string, { now, limit, after }: ListRequest): StoredMessage[] {
    const key = this.key(queue);
    const rows = this.all(
      `SELECT * FROM messages INDEXED BY messages_age WHERE queue = ?1 AND enqueued_at >= ?2 AND (enqueued_at, sequence) > (?2, ?3)
       ORDER BY enqueued_at, sequence LIMIT ?4`,
      ...[key, after?.enqueuedAt ?? 0, after?.sequence ?? 0, limit],
    );
    return rows.map((row) => ({
      ...this.taken(row, 0),
      enqueuedAt: Number(row["enqueued_at"]),
      readyAt: Number(row["ready_at"]),
      bytes: Number(row["bytes"]),
      state: stateOf(row, now),
      reason: textOrNull(row["reason"]),
      origin: textOrNull(row["origin"]),
    }));
  }

  /** Deletes single messages, whatever their state. Answers which were there. */
  remove(queue: string, sequences: readonly number[]): number[] {
    const key = this.key(queue);
    const gone = this.delete(key, sequences);
    this.count(key, -gone.count, -gone.bytes, {});
    return gone.sequences;
  }

  /** Deletes all messages of a queue at once, whatever their number. Answers how many. */
  purge(queue: string): number {
    const key = this.key(queue);
    const before = this.get("SELECT * FROM queues WHERE key = ?", key);
    this.run("UPDATE queues SET id = NULL WHERE key = ?", key);
    this.forgetKey(queue);
    const fresh = this.key(queue);
    this.run(
      `UPDATE queues SET (sent, acknowledged, retried, dead_lettered, dropped, expired) =
        (SELECT sent, acknowledged, retried, dead_lettered, dropped, expired FROM queues WHERE key = ?) WHERE key = ?`,
      ...[key, fresh],
    );
    return Number(before?.["count"] ?? 0);
  }

  /** Deletes a queue with all its messages. */
  drop(queue: string): void {
    this.run("UPDATE queues SET id = NULL WHERE id = ?", queue);
    this.forgetKey(queue);
  }

  /** The queues there are messages or totals of. */
  queues(): string[] {
    return this.all("SELECT id FROM queues WHERE id IS NOT NULL").map((row) => String(row["id"]));
  }

  /** Deletes some of what was purged. Answers whether there is more of it. */
  sweep(): boolean {
    const purged = this.get("SELECT key FROM queues WHERE id IS NULL LIMIT 1");
    if (purged === undefined) return false;
    const key = Number(purged["key"]);
    const rows = this.all("SELECT sequence FROM messages WHERE queue = ? LIMIT ?", key, CHUNK);
    for (const { sequence } of rows) {
      this.run("DELETE FROM messages WHERE sequence = ?", Number(sequence));
      this.run("DELETE FROM bodies WHERE sequence = ?", Number(sequence));
    }
    if (rows.length < CHUNK) this.run("DELETE FROM queues WHERE key = ?", key);
    return true;
  }

  /** Deletes what came into a queue up to `expiredAt`, some at a time. What is in flight stays until it comes back. */
  expire(queue: string, expiredAt: number): { expired: number; more: boolean } {
    const key = this.key(queue);
    const rows = this.all(
      "SELECT sequence FROM messages WHERE queue = ? AND enqueued_at <= ? AND in_flight = 0 ORDER BY enqueued_at LIMIT ?",
      ...[key, expiredAt, CHUNK],
    );
    if (rows.length === 0) return { expired: 0, more: false };
    const gone = this.delete(
      key,
      rows.map(({ sequence }) => Number(sequence)),
    );
    this.count(key, -gone.count, -gone.bytes, { expired: gone.count });
    return { expired: gone.count, more: rows.length === CHUNK };
  }

  /** The queues that dead letters come from, with how many each; of chosen ones with their sequences. */
  origins(
    queue: string,
    sequences: readonly number[] | undefined,
  ): { queue: string | null; count: number; sequences?: number[] }[] {
    const key = this.key(queue);
    if (sequences === undefined)
      return this.all("SELECT origin, count(*) AS n FROM messages WHERE queue = ? GROUP BY origin", key).map((row) => ({
        queue: textOrNull(row["origin"]),
        count: Number(row["n"]),
      }));
    const found = new Map<string | null, number[]>();
    for (const sequence of sequences) {
      const row = this.get("SELECT origin FROM messages WHERE sequence = ? AND queue = ?", sequence, key);
      if (row === undefined) continue;
      const origin = textOrNull(row["origin"]);
      found.set(origin, [...(found.get(origin) ?? []), sequence]);
    }
    return [...found].map(([origin, chosen]) => ({ queue: origin, count: chosen.length, sequences: chosen }));
  }

  /** Moves messages to another queue, where they begin anew. Answers how many, and whether there may be more. */
  move(
    queue: string,
    target: string,
    which: { sequences: readonly number[] } | { origin: string | null; limit: number },
    now: number,
  ): { moved: number; more: boolean } {
    const from = this.key(queue);
    const to = this.key(target);
    const rows =
      "sequences" in which
        ? which.sequences
            .map((sequence) =>
              this.get(
                "SELECT sequence, bytes FROM messages WHERE sequence = ? AND queue = ? AND in_flight = 0",
                ...[sequence, from],
              ),
            )
            .filter((row) => row !== undefined)
        : this.all(
            `SELECT sequence, bytes FROM messages WHERE queue = ?1 AND in_flight = 0
             AND (lease IS NULL OR ready_at <= ?2) AND origin IS ?3 LIMIT ?4`,
            ...[from, now, which.origin, which.limit],
          );
    let bytes = 0;
    for (const row of rows) {
      bytes += Number(row["bytes"]);
      this.run(
        `UPDATE messages SET queue = ?, enqueued_at = ?, ready_at = ?, attempts = 0, again = 0, lease = NULL, reason = NULL,
         origin = NULL WHERE sequence = ?`,
        ...[to, now, now, Number(row["sequence"])],
      );
    }
    this.count(from, -rows.length, -bytes, {});
    this.count(to, rows.length, bytes, {});
    return { moved: rows.length, more: "limit" in which && rows.length === which.limit };
  }

  /** For people: this one counts, so it is not for every message. */
  summary(queue: string, now: number): QueueSummary {
    const key = this.key(queue);
    const totals = this.get("SELECT * FROM queues WHERE key = ?", key) ?? {};
    const number = (sql: string, ...parameters: SQLInputValue[]) => Number(this.get(sql, ...parameters)?.["n"] ?? 0);
    const inFlight = number("SELECT count(*) AS n FROM messages WHERE queue = ? AND in_flight = 1", key);
    const leased = number(
      "SELECT count(*) AS n FROM messages WHERE queue = ? AND lease IS NOT NULL AND ready_at > ?",
      key,
      now,
    );
    const later = number(
      "SELECT count(*) AS n FROM messages WHERE queue = ? AND in_flight = 0 AND ready_at > ?",
      key,
      now,
    );
    const next = this.get(
      "SELECT min(ready_at) AS at FROM messages WHERE queue = ? AND in_flight = 0 AND ready_at > ? AND lease IS NULL",
      key,
      now,
    );
    return {
      ...this.backlog(queue),
      inFlight: inFlight + leased,
      delayed: later - leased,
      nextAt: typeof next?.["at"] === "number" ? next["at"] : undefined,
      sent: Number(totals["sent"] ?? 0),
      acknowledged: Number(totals["acknowledged"] ?? 0),
      retried: Number(totals["retried"] ?? 0),
      deadLettered: Number(totals["dead_lettered"] ?? 0),
      dropped: Number(totals["dropped"] ?? 0),
      expired: Number(totals["expired"] ?? 0),
    };
  }
}

function stateOf(row: Row, now: number): StoredMessage["state"] {
  const later = Number(row["ready_at"]) > now;
  if (row["in_flight"] === 1 || (later && row["lease"] !== null)) return "in flight";
  return later ? "delayed" : "waiting";
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as Item, shuffled[last] as Item];
  }
  return shuffled;
}
