import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";

/** One row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** A file of SQLite's that was found sound. What a transaction changed is on the disk when it has ended. */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {Error} when the file cannot be opened or is no sound SQLite database. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    try {
      this.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000",
      );
      const check = this.#database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
      if (check !== "ok") throw new Error(String(check));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** All rows of a query. */
  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  /** The rows of a query one by one: for long tables. */
  iterate(sql: string, ...parameters: SQLInputValue[]): IterableIterator<Row> {
    return this.#prepare(sql).iterate(...parameters) as IterableIterator<Row>;
  }

  /** The first row of a query. */
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  /** Changes rows. Answers how many. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  /** Inserts a row. Answers its number. */
  insert(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).lastInsertRowid);
  }

  /** Runs `work` in one transaction: all of it is kept, or, when it throws, nothing. `work` is synchronous. */
  transaction<Result>(work: () => Result): Result {
    this.execute("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.execute("COMMIT");
      return result;
    } catch (error) {
      // SQLite itself rolls back when the disk is full.
      if (this.#database.isTransaction) this.execute("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Runs statements that have no parameters and answer nothing. */
  protected execute(sql: string): void {
    this.#database.exec(sql);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
