import type { D1Data } from "../../core/service.ts";
import { queryFailed } from "./errors.ts";

/** What a dump leaves out. */
export interface DumpOptions {
  no_schema?: boolean | undefined;
  no_data?: boolean | undefined;
  /** Only these tables. Empty or absent: all. */
  tables?: readonly string[] | undefined;
}

/**
 * A database as SQL that makes it again: tables with their rows, then indexes, triggers and views.
 *
 * @throws {ApiError} 7500 for a virtual table, as at Cloudflare.
 */
export async function dumpSql(data: D1Data, options: DumpOptions): Promise<string> {
  const lines = ["PRAGMA defer_foreign_keys=TRUE;"];
  const wanted = (table: unknown) => !options.tables?.length || options.tables.includes(String(table));
  const objects = await data
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    .all();
  const own = objects.results.filter(({ name, tbl_name }) => !/^(_cf_|sqlite_)/.test(String(name)) && wanted(tbl_name));
  for (const { type, name, sql } of own) {
    if (type !== "table") continue;
    if (/^create\s+virtual/i.test(String(sql))) {
      throw queryFailed("D1 Export error: cannot export databases with Virtual Tables (fts5)", undefined);
    }
    if (!options.no_schema) lines.push(`${String(sql)};`);
    if (!options.no_data) lines.push(...(await insertsOf(data, String(name))));
  }
  const counters = objects.results.some(({ name }) => name === "sqlite_sequence");
  if (counters && !options.no_data && !options.tables?.length) {
    lines.push("DELETE FROM sqlite_sequence;", ...(await insertsOf(data, "sqlite_sequence")));
  }
  if (!options.no_schema) {
    for (const { type, sql } of own) if (type !== "table") lines.push(`${String(sql)};`);
  }
  return `${lines.join("\n")}\n`;
}

async function insertsOf(data: D1Data, table: string): Promise<string[]> {
  const info = await data.prepare(`PRAGMA table_info(${quoteName(table)})`).all();
  const columns = info.results.map(({ name }) => quoteName(String(name)));
  const values = columns.map((column) => `quote(${column})`).join(" || ',' || ");
  const rows = await data.prepare(`SELECT ${values} AS row FROM ${quoteName(table)}`).all();
  return rows.results.map(
    ({ row }) => `INSERT INTO ${quoteName(table)} (${columns.join(",")}) VALUES(${String(row)});`,
  );
}

const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;
