import { SqliteDatabase } from "./sqlite-database.ts";

export type { Row } from "./sqlite-database.ts";

/** The store's file is damaged or cannot be opened. Nothing was changed. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/**
 * The cloud's control-plane state: one SQLite file. Every acknowledged change is on disk before it is
 * acknowledged (`synchronous=FULL`).
 */
export class Store extends SqliteDatabase {
  readonly file: string;

  /** @throws {StoreError} when the file is not a sound SQLite database, or the disk is full. */
  constructor(file: string) {
    try {
      super(file);
    } catch (cause) {
      throw new StoreError(
        `the store ${file} cannot be read (${(cause as Error).message}). It was left as it is. ` +
          "Restore it from a copy, or move it away to begin with an empty cloud.",
        { cause },
      );
    }
    this.file = file;
  }

  /** Runs the schema of one service. Statements must be repeatable (`CREATE TABLE IF NOT EXISTS …`). */
  define(schema: string): void {
    this.execute(schema);
  }

  /**
   * A transaction that a kill of the cloud does not undo, but a power cut of the machine may, whole. It does not wait for
   * the disk, which takes milliseconds: for what comes with every call and is never acknowledged.
   */
  quickTransaction<Result>(work: () => Result): Result {
    this.execute("PRAGMA synchronous = NORMAL");
    try {
      return this.transaction(work);
    } finally {
      this.execute("PRAGMA synchronous = FULL");
    }
  }
}
