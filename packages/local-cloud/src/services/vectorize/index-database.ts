import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";

/** One row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** What is done to an index, in the order of `seq`, once it is due. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, slots INTEGER NOT NULL,
    processed_mutation TEXT, processed_at INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS extents (first_slot INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS vectors (
    slot INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, namespace TEXT, metadata TEXT, indexed TEXT, norm REAL NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mutations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, due INTEGER NOT NULL, detail TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS pending (
    slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, namespace TEXT, metadata TEXT, norm REAL NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS pending_by_mutation ON pending (seq);
  CREATE TABLE IF NOT EXISTS metadata_indexes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, property_name TEXT NOT NULL UNIQUE, index_type TEXT NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO state (id, generation, slots) VALUES (1, 1, 0);
`;

/** What an index holds beside the numbers of its vectors: SQLite, on the disk when a transaction has ended. */
export class IndexDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws {Error} when the file is no sound SQLite database. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
      const check = this.#database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
      if (check !== "ok") throw new Error(String(check));
      this.#database.exec(SCHEMA);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  /** Row by row: for long tables. */
  iterate(sql: string, ...parameters: SQLInputValue[]): IterableIterator<Row> {
    return this.#prepare(sql).iterate(...parameters) as IterableIterator<Row>;
  }

  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  /** Answers the number of the row that was inserted. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).lastInsertRowid);
  }

  /** All of `work` is kept, or, when it throws, nothing. */
  transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
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
