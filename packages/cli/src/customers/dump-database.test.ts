import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { dumpDatabase, type Query } from "./dump-database.ts";

function queryOf(database: DatabaseSync): Query {
  return async (sql, parameters) => database.prepare(sql).all(...(parameters as number[]));
}

async function textOf(database: DatabaseSync): Promise<string> {
  const lines: string[] = [];
  for await (const line of dumpDatabase(queryOf(database))) lines.push(line);
  return lines.join("\n");
}

it("makes the same database again: odd names, bytes, large numbers, full text, more rows than a page", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec(`
    CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY AUTOINCREMENT, "a b" TEXT, bytes BLOB, big INTEGER, real REAL);
    CREATE TABLE many (n INTEGER);
    CREATE TABLE keyed (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5(scope, text);
    CREATE INDEX by_n ON many (n);
    CREATE VIEW shown AS SELECT n FROM many WHERE n > 5;
    WITH RECURSIVE count(n) AS (SELECT -600 UNION ALL SELECT n + 1 FROM count WHERE n < 600)
      INSERT INTO many SELECT n FROM count;
    WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 700)
      INSERT INTO keyed SELECT 'key ' || n, 'it''s; ' || n FROM count;
    INSERT INTO words (rowid, scope, text) VALUES (77, 'acme', 'the lamp is lit');
  `);
  const insert = database.prepare('INSERT INTO "odd ""name" ("a b", bytes, big, real) VALUES (?, ?, ?, ?)');
  insert.run("line\nbreak 'quoted'", new Uint8Array([0, 255, 39]), 9223372036854775807n, 0.1);
  insert.run(null, null, -1n, 1e300);

  const text = await textOf(database);
  const copy = new DatabaseSync(":memory:");
  copy.exec(text);
  for (const table of ['"odd ""name"', "keyed", "many", "shown"]) {
    const read = (from: DatabaseSync) => {
      const statement = from.prepare(`SELECT * FROM ${table} ORDER BY 1`);
      statement.setReadBigInts(true);
      return statement.all();
    };
    expect(read(copy)).toEqual(read(database));
  }
  expect(copy.prepare("SELECT rowid, text FROM words WHERE words MATCH 'lamp'").get()).toMatchObject({ rowid: 77 });
  expect(copy.prepare("SELECT seq FROM sqlite_sequence").all()).toEqual([{ seq: 2 }]);
  expect(await textOf(copy)).toBe(text);
});
