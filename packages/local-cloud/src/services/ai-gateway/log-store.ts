import { dayOf } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import type { AccountCost, DailyCost } from "./daily-costs.ts";
import type { Gateway, LogEntry } from "./gateway.ts";
import type { LogCondition } from "./log-filter.ts";
import type { LogPatch } from "./log-patch.ts";

/** Logs a gateway keeps when it does not say how many, the oldest go first. Cloudflare's free plan has as many. */
const DEFAULT_LOGS = 100_000;
/** Characters of a payload that are kept. Cloudflare drops a log above 10 MB; here a log keeps its beginning. */
const MAX_PAYLOAD = 64 * 1024;

/** A log as it is kept: what a call said, and what was said of it later. */
export interface StoredLog extends LogEntry {
  feedback: number | null;
  score: number | null;
  /** Characters of the whole payload; more than what is kept when it was cut. */
  requestSize: number;
  responseSize: number;
}

/** The logs and daily costs of all gateways, in the store. What is written together is one transaction of the caller. */
export class LogStore {
  readonly #ctx: Pick<ServiceContext, "store">;
  /** How many logs each gateway has, by account and gateway: counting them at every write would take long. */
  readonly #counts = new Map<string, number>();

  constructor(ctx: Pick<ServiceContext, "store">) {
    this.#ctx = ctx;
    const gateway = "FOREIGN KEY (account_id, gateway_id) REFERENCES ai_gateways (account_id, id) ON DELETE CASCADE";
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS ai_gateway_logs (
        account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL,
        provider TEXT NOT NULL, model TEXT NOT NULL, model_type TEXT NOT NULL, path TEXT NOT NULL,
        duration REAL NOT NULL, status_code INTEGER NOT NULL, success INTEGER NOT NULL, cached INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost REAL NOT NULL, custom_cost INTEGER NOT NULL,
        metadata TEXT, step INTEGER NOT NULL, request_type TEXT NOT NULL, request_model TEXT NOT NULL,
        route_path TEXT NOT NULL, request_size INTEGER NOT NULL, response_size INTEGER NOT NULL,
        feedback REAL, score REAL, PRIMARY KEY (account_id, gateway_id, id), ${gateway}
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS ai_gateway_logs_by_time ON ai_gateway_logs (account_id, gateway_id, created_at);
      CREATE INDEX IF NOT EXISTS ai_gateway_logs_of_account ON ai_gateway_logs (account_id, id);
      CREATE TABLE IF NOT EXISTS ai_gateway_payloads (
        account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, log_id TEXT NOT NULL, request TEXT, response TEXT,
        PRIMARY KEY (account_id, gateway_id, log_id),
        FOREIGN KEY (account_id, gateway_id, log_id)
          REFERENCES ai_gateway_logs (account_id, gateway_id, id) ON DELETE CASCADE
      ) STRICT;
      CREATE TABLE IF NOT EXISTS ai_gateway_costs (
        account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, day TEXT NOT NULL, provider TEXT NOT NULL,
        model TEXT NOT NULL, calls INTEGER NOT NULL, cached INTEGER NOT NULL, tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL, cost REAL NOT NULL,
        PRIMARY KEY (account_id, gateway_id, day, provider, model), ${gateway}
      ) STRICT, WITHOUT ROWID`);
  }

  /** Adds a log, unless the gateway has as many as it may and keeps the first ones. {@link trim} removes those too many. */
  add(entry: LogEntry, gateway: Gateway): void {
    const { accountId, gatewayId } = entry;
    const count = this.#count(accountId, gatewayId);
    if (gateway.log_management_strategy === "STOP_INSERTING" && count >= limitOf(gateway)) return;
    this.#insert(entry);
    this.#counts.set(keyOf(accountId, gatewayId), count + 1);
  }

  /** Removes the oldest logs of a gateway that has too many. */
  trim(accountId: string, gateway: Gateway): void {
    const excess = this.#count(accountId, gateway.id) - limitOf(gateway);
    if (excess > 0)
      this.remove(accountId, gateway.id, { sql: "", parameters: [] }, { order: "created_at, id", limit: excess });
  }

  /** Adds to the costs of a day. */
  addCost({ accountId, gatewayId, day, provider, model, calls, cached, tokensIn, tokensOut, cost }: AccountCost): void {
    this.#ctx.store.run(
      `INSERT INTO ai_gateway_costs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id, gateway_id, day, provider, model) DO UPDATE SET calls = calls + excluded.calls,
         cached = cached + excluded.cached, tokens_in = tokens_in + excluded.tokens_in,
         tokens_out = tokens_out + excluded.tokens_out, cost = cost + excluded.cost`,
      ...[accountId, gatewayId, day, provider, model, calls, cached, Math.round(tokensIn), Math.round(tokensOut), cost],
    );
  }

  /** Days from `since` (ms) on, oldest first. */
  costs(accountId: string, since: number): DailyCost[] {
    const first = dayOf(since);
    return this.#ctx.store
      .all(
        "SELECT * FROM ai_gateway_costs WHERE account_id = ? AND day >= ? ORDER BY day, gateway_id, provider, model",
        accountId,
        first,
      )
      .map((row) => ({
        day: String(row["day"]),
        gatewayId: String(row["gateway_id"]),
        provider: String(row["provider"]),
        model: String(row["model"]),
        calls: Number(row["calls"]),
        cached: Number(row["cached"]),
        tokensIn: Number(row["tokens_in"]),
        tokensOut: Number(row["tokens_out"]),
        cost: Number(row["cost"]),
      }));
  }

  find(accountId: string, gatewayId: string, id: string): StoredLog | undefined {
    const row = this.#ctx.store.get(
      `SELECT logs.*, request, response FROM ai_gateway_logs AS logs
       LEFT JOIN ai_gateway_payloads AS payloads
         ON payloads.account_id = logs.account_id AND payloads.gateway_id = logs.gateway_id AND log_id = logs.id
       WHERE logs.account_id = ? AND logs.gateway_id = ? AND logs.id = ?`,
      accountId,
      gatewayId,
      id,
    );
    return row && fromRow(row);
  }

  /** One page, without payloads. `order` is SQL of this service. */
  page(
    accountId: string,
    gatewayId: string,
    { sql, parameters }: LogCondition,
    { order, limit, offset }: { order: string; limit: number; offset: number },
  ): StoredLog[] {
    return this.#ctx.store
      .all(
        `SELECT * FROM ai_gateway_logs WHERE account_id = ? AND gateway_id = ?${sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
        ...[accountId, gatewayId, ...parameters, limit, offset],
      )
      .map(fromRow);
  }

  /** How many logs fit, and the ends of their ranges, in the API's names. */
  ranges(accountId: string, gatewayId: string, { sql, parameters }: LogCondition): Row {
    const columns = ["cost", "duration", "tokens_in", "tokens_out"].flatMap((name) => [
      `min(${name}) AS min_${name}`,
      `max(${name}) AS max_${name}`,
    ]);
    const row = this.#ctx.store.get(
      `SELECT count(*) AS total_count, ${columns.join(", ")}, min(tokens_in + tokens_out) AS min_total_tokens,
         max(tokens_in + tokens_out) AS max_total_tokens
       FROM ai_gateway_logs WHERE account_id = ? AND gateway_id = ?${sql}`,
      accountId,
      gatewayId,
      ...parameters,
    );
    return { ...row };
  }

  count(accountId: string, gatewayId: string, { sql, parameters }: LogCondition): number {
    const row = this.#ctx.store.get(
      `SELECT count(*) AS count FROM ai_gateway_logs WHERE account_id = ? AND gateway_id = ?${sql}`,
      ...[accountId, gatewayId, ...parameters],
    );
    return Number(row?.["count"] ?? 0);
  }

  /** The newest of all gateways of the account, with `before` only what is older than the log with this id. */
  recent(accountId: string, { before, limit }: { before?: string | undefined; limit: number }): StoredLog[] {
    return this.#ctx.store
      .all(
        "SELECT * FROM ai_gateway_logs WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        accountId,
        before ?? "~",
        limit,
      )
      .map(fromRow);
  }

  /** False when there is none. */
  patch(accountId: string, gatewayId: string, id: string, patch: LogPatch): boolean {
    const changes = Object.entries({
      feedback: patch.feedback,
      score: patch.score,
      metadata: patch.metadata === undefined ? undefined : patch.metadata && JSON.stringify(patch.metadata),
    }).filter((change): change is [string, string | number | null] => change[1] !== undefined);
    if (changes.length === 0) return this.find(accountId, gatewayId, id) !== undefined;
    const changed = this.#ctx.store.run(
      `UPDATE ai_gateway_logs SET ${changes.map(([name]) => `${name} = ?`).join(", ")}
       WHERE account_id = ? AND gateway_id = ? AND id = ?`,
      ...changes.map(([, value]) => value),
      ...[accountId, gatewayId, id],
    );
    return changed > 0;
  }

  /** Removes the first `limit` that fit, in this order. */
  remove(
    accountId: string,
    gatewayId: string,
    { sql, parameters }: LogCondition,
    { order, limit }: { order: string; limit: number },
  ): void {
    const removed = this.#ctx.store.run(
      `DELETE FROM ai_gateway_logs WHERE account_id = ? AND gateway_id = ? AND id IN
         (SELECT id FROM ai_gateway_logs WHERE account_id = ? AND gateway_id = ?${sql} ORDER BY ${order} LIMIT ?)`,
      ...[accountId, gatewayId, accountId, gatewayId, ...parameters, limit],
    );
    this.#counts.set(keyOf(accountId, gatewayId), this.#count(accountId, gatewayId) - removed);
  }

  /** The gateway, or the whole account, is gone; also when a transaction was undone. */
  forgetCounts(): void {
    this.#counts.clear();
  }

  #count(accountId: string, gatewayId: string): number {
    const key = keyOf(accountId, gatewayId);
    const known = this.#counts.get(key) ?? this.count(accountId, gatewayId, { sql: "", parameters: [] });
    this.#counts.set(key, known);
    return known;
  }

  #insert(entry: LogEntry): void {
    const { accountId, gatewayId, id, request, response } = entry;
    this.#ctx.store.run(
      `INSERT OR REPLACE INTO ai_gateway_logs VALUES
         (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)`,
      ...[accountId, gatewayId, id, Math.floor(entry.createdAt), entry.provider, entry.model, entry.modelType],
      ...[entry.path, entry.duration, entry.statusCode, Number(entry.success), Number(entry.cached)],
      ...[Math.round(entry.tokensIn), Math.round(entry.tokensOut), entry.cost, Number(entry.customCost)],
      ...[entry.metadata && JSON.stringify(entry.metadata), entry.step, entry.requestType, entry.requestModel],
      ...[JSON.stringify(entry.routePath), request?.length ?? 0, response?.length ?? 0],
    );
    if (request === null && response === null) return;
    this.#ctx.store.run(
      "INSERT OR REPLACE INTO ai_gateway_payloads VALUES (?, ?, ?, ?, ?)",
      ...[accountId, gatewayId, id, beginning(request), beginning(response)],
    );
  }
}

/** Not in the middle of a character that takes two units. */
function beginning(payload: string | null): string | null {
  if (payload === null || payload.length <= MAX_PAYLOAD) return payload;
  const cut = payload.slice(0, MAX_PAYLOAD);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function limitOf(gateway: Gateway): number {
  // Kept with the other settings of the API, which are unknown here; its schema says that it is a number or null.
  return (gateway["log_management"] as number | null) ?? DEFAULT_LOGS;
}

function keyOf(accountId: string, gatewayId: string): string {
  return `${accountId}/${gatewayId}`;
}

function fromRow(row: Row): StoredLog {
  const text = (name: string) => String(row[name]);
  const optional = (name: string) => (typeof row[name] === "string" ? row[name] : null);
  const metadata = optional("metadata");
  return {
    id: text("id"),
    accountId: text("account_id"),
    gatewayId: text("gateway_id"),
    createdAt: Number(row["created_at"]),
    provider: text("provider"),
    model: text("model"),
    modelType: text("model_type"),
    path: text("path"),
    duration: Number(row["duration"]),
    statusCode: Number(row["status_code"]),
    success: row["success"] === 1,
    cached: row["cached"] === 1,
    tokensIn: Number(row["tokens_in"]),
    tokensOut: Number(row["tokens_out"]),
    cost: Number(row["cost"]),
    customCost: row["custom_cost"] === 1,
    // Written by this file from the same type.
    metadata: metadata === null ? null : (JSON.parse(metadata) as NonNullable<LogEntry["metadata"]>),
    step: Number(row["step"]),
    requestType: text("request_type"),
    requestModel: text("request_model"),
    routePath: JSON.parse(text("route_path")) as LogEntry["routePath"],
    request: optional("request"),
    response: optional("response"),
    requestSize: Number(row["request_size"]),
    responseSize: Number(row["response_size"]),
    feedback: row["feedback"] === null ? null : Number(row["feedback"]),
    score: row["score"] === null ? null : Number(row["score"]),
  };
}
