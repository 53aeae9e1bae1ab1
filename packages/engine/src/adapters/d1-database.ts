import type { AdapterContext, Properties, ResourceAdapter } from "../adapter.ts";
import { counted } from "./counted.ts";
import { crud, orGone } from "./crud.ts";
import { accountPath, items, text } from "./properties.ts";

/** What SQLite, D1 and migrations keep for themselves, and what a full-text index is made of. */
const TABLES = `SELECT name FROM sqlite_master AS t WHERE type = 'table'
  AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 4) <> '_cf_' AND name <> 'd1_migrations'
  AND NOT EXISTS (SELECT 1 FROM sqlite_master AS v WHERE v.sql LIKE 'CREATE VIRTUAL TABLE%'
    AND t.name IN (v.name || '_data', v.name || '_idx', v.name || '_content', v.name || '_docsize', v.name || '_config'))
  ORDER BY name`;
/** D1 answers at most 100 columns. */
const MOST_COLUMNS = 50;

const usual = crud({
  collection: (properties) => `${accountPath(properties)}/d1/database`,
  identifier: "uuid",
  body: ["name", "primaryLocationHint", "jurisdiction", "readReplication"],
  updateBody: ["name", "readReplication"],
  importId: ["accountId", "uuid"],
  timestamps: ["createdAt"],
  replaceOn: ["accountId", "name", "jurisdiction", "primaryLocationHint"],
  computed: ["uuid", "createdAt", "fileSize", "numTables", "version"],
  changesOnUpdate: ["createdAt", "fileSize", "numTables", "version"],
  async findByName({ client }, inputs) {
    const name = text(inputs, "name");
    const path = `${accountPath(inputs)}/d1/database`;
    const named = items(await client.request("GET", `${path}?name=${encodeURIComponent(name)}`));
    const match = named.find((database) => database.name === name);
    // A list's entry has no `read_replication`.
    return match && client.request("GET", `${path}/${encodeURIComponent(text(match, "uuid"))}`);
  },
});

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/ */
export const d1Database: ResourceAdapter = {
  ...usual,

  async lostWith(context, id, outputs) {
    const tables = (await query(context, id, outputs, TABLES)).map((row) => text(row, "name"));
    let rows = 0;
    const filled: string[] = [];
    for (let first = 0; first < tables.length; first += MOST_COLUMNS) {
      const some = tables.slice(first, first + MOST_COLUMNS);
      const columns = some.map(
        (table, index) => `(SELECT count(*) FROM "${table.replaceAll('"', '""')}") AS t${index}`,
      );
      const [counts = {}] = await query(context, id, outputs, `SELECT ${columns.join(", ")}`);
      for (const [index, table] of some.entries()) {
        const count = Number(counts[`t${index}`]);
        if (count > 0) filled.push(table);
        rows += count;
      }
    }
    return rows === 0 ? undefined : `${counted(rows, "row")} in ${filled.join(", ")}`;
  },
};

/** The rows of one statement; none when the database is gone. */
async function query({ client }: AdapterContext, id: string, outputs: Properties, sql: string): Promise<Properties[]> {
  const path = `${accountPath(outputs)}/d1/database/${encodeURIComponent(id)}/query`;
  const [answer] = items(await orGone(client.request("POST", path, { json: { sql } })));
  return items(answer?.["results"]);
}
