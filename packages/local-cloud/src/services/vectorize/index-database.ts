import { SqliteDatabase } from "../../core/sqlite-database.ts";

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

/** What an index holds beside the numbers of its vectors. */
export class IndexDatabase extends SqliteDatabase {
  /** @throws {Error} when the file is no sound SQLite database. */
  constructor(file: string) {
    super(file);
    try {
      this.execute(SCHEMA);
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
