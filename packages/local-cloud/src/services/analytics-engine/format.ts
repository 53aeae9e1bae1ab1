import type { Row } from "../../core/store.ts";
import type { SqlType } from "./functions.ts";
import type { Format } from "./translate.ts";

/** Columns of an answer, in order. */
export type Columns = readonly { name: string; type: SqlType }[];

/** Writes rows in a format, with the content type of it. Whole numbers of 64 bits are strings, as ClickHouse writes them. */
export function formatRows(
  format: Format,
  columns: Columns,
  rows: readonly Row[],
): { body: string; contentType: string } {
  const data = rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, show(row[name], type)])));
  switch (format) {
    case "JSON": {
      const meta = columns.map(({ name, type }) => ({ name, type }));
      const body = JSON.stringify({ meta, data, rows: data.length, rows_before_limit_at_least: data.length });
      return { body, contentType: "application/json" };
    }
    case "JSONEachRow":
      return { body: data.map((row) => `${JSON.stringify(row)}\n`).join(""), contentType: "application/x-ndjson" };
    case "TabSeparated": {
      const lines = data.map((row) => columns.map(({ name }) => escapeTabs(row[name])).join("\t"));
      return { body: lines.map((line) => `${line}\n`).join(""), contentType: "text/tab-separated-values" };
    }
  }
}

function show(value: Row[string] | undefined, type: SqlType): string | number | null {
  if (value === null || value === undefined) return null;
  if (type === "DateTime") return new Date(Number(value) * 1000).toISOString().slice(0, 19).replace("T", " ");
  if (type === "UInt64") return String(value);
  return type === "String" ? String(value) : Number(value);
}

function escapeTabs(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "\\N";
  return String(value).replace(/[\\\t\n]/g, (character) => ({ "\t": "\\t", "\n": "\\n" })[character] ?? "\\\\");
}
