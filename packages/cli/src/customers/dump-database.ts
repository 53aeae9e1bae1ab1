/** Asks a database. */
export type Query = (sql: string, parameters: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** Rows that are asked for at once. */
const ROWS = 500;
/** How SQLite's full-text search calls the tables in which it keeps a virtual one. */
const SHADOW = /_(data|idx|content|docsize|config)$/;

/**
 * A database as SQL that makes it again with `sqlite3 new.db < file.sql`, line by line: tables with their rows, then
 * indexes, triggers and views. Every value is written as SQLite itself writes it, so that no number and no byte changes.
 */
export async function* dumpDatabase(query: Query): AsyncGenerator<string> {
  yield "PRAGMA defer_foreign_keys=TRUE;";
  const objects = (
    await query("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid", [])
  ).map(({ type, name, sql }) => ({ type: String(type), name: String(name), sql: String(sql) }));
  const virtual = objects.filter(({ sql }) => /^create\s+virtual/i.test(sql)).map(({ name }) => name);
  const isShadow = (name: string) => virtual.some((table) => name.startsWith(`${table}_`) && SHADOW.test(name));
  const own = objects.filter(({ name }) => !/^(_cf_|sqlite_)/.test(name) && !isShadow(name));
  yield "BEGIN TRANSACTION;";
  for (const { type, name, sql } of own) {
    if (type !== "table") continue;
    yield `${sql};`;
    yield* rowsOf(query, name, { virtual: virtual.includes(name), ordered: !/without\s+rowid/i.test(sql) });
  }
  if (objects.some(({ name }) => name === "sqlite_sequence")) {
    yield "DELETE FROM sqlite_sequence;";
    yield* rowsOf(query, "sqlite_sequence", { virtual: false, ordered: true });
  }
  for (const { type, sql } of own) if (type !== "table") yield `${sql};`;
  yield "COMMIT;";
}

/** @param kind `ordered`: has a `rowid`; a virtual table's is kept, because others may point to it */
async function* rowsOf(query: Query, table: string, kind: { virtual: boolean; ordered: boolean }) {
  const known = await query(`PRAGMA table_info(${quoteName(table)})`, []);
  const names = [...(kind.virtual ? ["rowid"] : []), ...known.map(({ name }) => String(name))].map(quoteName);
  // One by one: joined in SQL, a table of many columns would be too deep an expression.
  const values = names.map((name, index) => `quote(${name}) AS v${index}`).join(", ");
  const into = `INSERT INTO ${quoteName(table)} (${names.join(",")}) VALUES(`;
  const position = kind.ordered ? "rowid" : "0";
  for (let last = Number.MIN_SAFE_INTEGER, read = 0; ; ) {
    const where = kind.ordered ? "WHERE rowid > ?1 ORDER BY rowid LIMIT" : "LIMIT ?1,";
    const rows = await query(`SELECT ${position} AS r, ${values} FROM ${quoteName(table)} ${where} ${ROWS}`, [
      kind.ordered ? last : read,
    ]);
    for (const row of rows) yield `${into}${names.map((_, index) => String(row[`v${index}`])).join(",")});`;
    if (rows.length < ROWS) return;
    last = Number(rows.at(-1)?.["r"]);
    read += rows.length;
  }
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
