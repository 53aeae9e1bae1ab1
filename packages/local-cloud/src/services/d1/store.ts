import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import type { DataPlane, ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { databaseExists, databaseNotFound, malformed, tooManyDatabases } from "./errors.ts";

/** Whether replicas answer reads. */
export const ReadReplication = z.object({ mode: z.enum(["auto", "disabled"]) });
export type ReadReplication = z.infer<typeof ReadReplication>;

/** A database as the API shows it. */
export interface Database {
  uuid: string;
  name: string;
  created_at: string;
  version: "production";
  /** Bytes, as of the last change over the API. */
  file_size: number;
  num_tables: number;
  running_in_region: string;
  jurisdiction: string | null;
  read_replication: ReadReplication;
}

/** What a new database is made from. */
export interface NewDatabase {
  name: string;
  /** A region: `weur`. */
  location?: string;
  jurisdiction?: string;
  replication?: ReadReplication;
}

/** An empty SQLite file of D1. */
const EMPTY_SIZE = 12_288;

/** The databases of all accounts. Their data lives in the runtime. */
export class DatabaseStore {
  readonly #ctx: ServiceContext;
  readonly #data: DataPlane;

  constructor(ctx: ServiceContext, data: DataPlane) {
    this.#ctx = ctx;
    this.#data = data;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS d1_databases (
      uuid TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, created_at TEXT NOT NULL,
      region TEXT NOT NULL, jurisdiction TEXT, replication TEXT NOT NULL,
      file_size INTEGER NOT NULL, num_tables INTEGER NOT NULL, UNIQUE (account_id, name)
    ) STRICT`);
  }

  /** Newest first. */
  list(accountId: string, name = ""): Database[] {
    return this.#ctx.store
      .all("SELECT * FROM d1_databases WHERE account_id = ? ORDER BY created_at DESC, name", accountId)
      .map(fromRow)
      .filter((database) => database.name.includes(name));
  }

  /** By uuid or name. @throws {ApiError} 7404 */
  get(accountId: string, idOrName: string): Database {
    const row = this.#ctx.store.get(
      "SELECT * FROM d1_databases WHERE account_id = ? AND (uuid = ? OR name = ?)",
      accountId,
      idOrName,
      idOrName,
    );
    if (!row) throw databaseNotFound(idOrName);
    return fromRow(row);
  }

  /** @throws {ApiError} 7502 when the name is taken, 7406 when the plan has no more. */
  create(accountId: string, { name, location = "weur", jurisdiction, replication }: NewDatabase): Database {
    if (!/^[\w-]{1,64}$/.test(name)) throw malformed("name: letters, digits, _ and -, at most 64");
    const databases = this.list(accountId);
    if (databases.some((database) => database.name === name)) throw databaseExists(name);
    const limit = this.#ctx.limits(accountId).d1Databases;
    if (databases.length >= limit) throw tooManyDatabases(limit);
    const uuid = this.#ctx.ids.uuid();
    this.#ctx.store.run(
      `INSERT INTO d1_databases (uuid, account_id, name, created_at, region, jurisdiction, replication, file_size, num_tables)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      uuid,
      accountId,
      name,
      timestamp(this.#ctx.clock.now()),
      location.toUpperCase(),
      jurisdiction ?? null,
      replication?.mode ?? "disabled",
      EMPTY_SIZE,
    );
    this.#changed(accountId, "create", name);
    return this.get(accountId, uuid);
  }

  /** @throws {ApiError} 7404 */
  replicate(accountId: string, idOrName: string, { mode }: ReadReplication): Database {
    const { uuid, name } = this.get(accountId, idOrName);
    this.#ctx.store.run("UPDATE d1_databases SET replication = ? WHERE uuid = ?", mode, uuid);
    this.#changed(accountId, "update", name);
    return this.get(accountId, uuid);
  }

  /** Remembers what a change over the API left behind, so that reading a database need not start its runtime. */
  measure(uuid: string, size: number, tables?: number): void {
    this.#ctx.store.run(
      "UPDATE d1_databases SET file_size = ?, num_tables = coalesce(?, num_tables) WHERE uuid = ?",
      size,
      tables ?? null,
      uuid,
    );
  }

  /** Removes a database with its data. @throws {ApiError} 7404 */
  async delete(accountId: string, idOrName: string): Promise<void> {
    const { uuid, name } = this.get(accountId, idOrName);
    this.#ctx.store.run("DELETE FROM d1_databases WHERE uuid = ?", uuid);
    await this.#data.remove(accountId, { type: "d1", databaseId: uuid });
    this.#changed(accountId, "delete", name);
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.#data.changed(accountId);
    this.#ctx.activity.record({ type: "change", accountId, product: "d1", action, resource });
  }
}

const fromRow = (row: Row): Database => ({
  uuid: String(row["uuid"]),
  name: String(row["name"]),
  created_at: String(row["created_at"]),
  version: "production",
  file_size: Number(row["file_size"]),
  num_tables: Number(row["num_tables"]),
  running_in_region: String(row["region"]),
  jurisdiction: row["jurisdiction"] === null ? null : String(row["jurisdiction"]),
  read_replication: ReadReplication.parse({ mode: row["replication"] }),
});
