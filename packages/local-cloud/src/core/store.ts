import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";

/** One row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** The store's file is damaged or cannot be opened. Nothing was changed. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/**
 * The cloud's control-plane state: one SQLite file. Every acknowledged change is on disk before it is
 * acknowledged (`synchronous=FULL`).
 */
export class Store {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {StoreError} when the file is not a sound SQLite database, or the disk is full. */
  constructor(file: string) {
    this.file = file;
    try {
      this.#database = new DatabaseSync(file);
      this.#database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000",
      );
      const check = this.#database.prepare("PRAGMA quick_check(1)").get();
      if (check?.["quick_check"] !== "ok") throw new Error(String(check?.["quick_check"]));
    } catch (cause) {
      throw new StoreError(
        `the store ${file} cannot be read (${(cause as Error).message}). It was left as it is. ` +
          "Restore it from a copy, or move it away to begin with an empty cloud.",
        { cause },
      );
    }
  }

  /** Runs the schema of one service. Statements must be repeatable (`CREATE TABLE IF NOT EXISTS …`). */
  define(schema: string): void {
    this.#database.exec(schema);
  }

  /** All rows of a query. */
  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  /** The first row of a query. */
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  /** Changes rows. Answers how many. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  /** Runs `work` in one transaction: all of it is kept, or, when it throws, nothing. `work` is synchronous. */
  transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself rolls back when the disk is full.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * A transaction that a kill of the cloud does not undo, but a power cut of the machine may, whole. It does not wait for
   * the disk, which takes milliseconds: for what comes with every call and is never acknowledged.
   */
  quickTransaction<Result>(work: () => Result): Result {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      return this.transaction(work);
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
