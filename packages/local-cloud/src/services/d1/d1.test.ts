import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";
import { WRANGLER, wranglerEnvironment } from "../../wrangler-fixture.ts";

let cloud: TestCloud;
let account_id: string;
let uuid: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
  uuid = (await cloud.client.d1.database.create({ account_id, name: "main" })).uuid ?? "";
});
afterAll(() => cloud.close());

const database = () => cloud.client.d1.database;
const refusal = (status: number, code: number) => ({ status, errors: [expect.objectContaining({ code })] });
const query = async (sql: string, params?: unknown[]) =>
  (await database().query(uuid, { account_id, sql, ...(params && { params: params as string[] }) })).result;

it("makes, replicates, lists and deletes a database", async () => {
  const made = await database().create({ account_id, name: "second", read_replication: { mode: "disabled" } });
  expect(made).toMatchObject({
    uuid: expect.stringMatching(/^[\da-f-]{36}$/),
    name: "second",
    created_at: expect.any(String),
    file_size: expect.any(Number),
    num_tables: 0,
    version: "production",
    read_replication: { mode: "disabled" },
  });
  const id = made.uuid ?? "";
  expect(await database().update(id, { account_id, read_replication: { mode: "auto" } })).toMatchObject({
    read_replication: { mode: "auto" },
  });
  expect(await database().edit(id, { account_id, read_replication: { mode: "disabled" } })).toEqual(made);
  expect(await database().get("second", { account_id })).toEqual(made);
  expect((await database().list({ account_id, name: "sec" })).result).toHaveLength(1);
  expect((await database().list({ account_id, page: 9 })).result).toEqual([]);
  await database().delete(id, { account_id });
  await expect(database().get(id, { account_id })).rejects.toMatchObject(refusal(404, 7404));
});

it("refuses a name that is taken or not valid", async () => {
  await expect(database().create({ account_id, name: "main" })).rejects.toMatchObject(refusal(400, 7502));
  await expect(database().create({ account_id, name: "a b" })).rejects.toMatchObject(refusal(400, 7400));
});

it("refuses an eleventh database on the free plan", async () => {
  const { id } = cloud.cloud.account({ name: "free", plan: "free" });
  for (let number = 1; number <= 10; number++) await database().create({ account_id: id, name: `db-${number}` });
  await expect(database().create({ account_id: id, name: "db-11" })).rejects.toMatchObject(refusal(400, 7406));
});

describe("SQL", () => {
  it("runs several statements in one transaction and tells what they did", async () => {
    const answers = await query(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes (text) VALUES ('a;b'), ('c')",
    );
    expect(answers).toHaveLength(2);
    expect(answers[1]).toMatchObject({
      success: true,
      results: [],
      meta: {
        changed_db: true,
        changes: 2,
        last_row_id: 2,
        rows_written: expect.any(Number),
        rows_read: expect.any(Number),
        size_after: expect.any(Number),
        duration: expect.any(Number),
        served_by: expect.any(String),
        served_by_region: "WEUR",
        served_by_primary: true,
        timings: { sql_duration_ms: expect.any(Number) },
      },
    });
    expect(await database().get(uuid, { account_id })).toMatchObject({ num_tables: 1 });
    await expect(query("INSERT INTO notes (text) VALUES ('d'); SELECT * FROM nowhere")).rejects.toMatchObject(
      refusal(400, 7500),
    );
    expect((await query("SELECT count(*) AS n FROM notes"))[0]?.results).toEqual([{ n: 2 }]);
  });

  it("binds parameters, alone and in a batch", async () => {
    expect((await query("SELECT ? AS a, ?2 AS b", ["x", 2]))[0]?.results).toEqual([{ a: "x", b: 2 }]);
    const batch = [{ sql: "SELECT ?", params: ["1"] }, { sql: "SELECT 2 AS two" }];
    const { result } = await database().query(uuid, { account_id, batch });
    expect(result.map(({ results }) => results)).toEqual([[{ "?": "1" }], [{ two: 2 }]]);
    await expect(query("SELECT ?; SELECT ?", ["1"])).rejects.toMatchObject(refusal(400, 7400));
  });

  it("answers raw rows with all their columns", async () => {
    const raw = (sql: string) => database().raw(uuid, { account_id, sql });
    const { result } = await raw("SELECT 1 AS a, 2 AS a; SELECT id, text FROM notes WHERE 0");
    expect(result.map(({ results }) => results)).toEqual([
      { columns: ["a", "a"], rows: [[1, 2]] },
      { columns: ["id", "text"], rows: [] },
    ]);
    const inserted = await raw("INSERT INTO notes (text) VALUES ('raw') RETURNING text");
    expect(inserted.result[0]).toMatchObject({ results: { columns: ["text"], rows: [["raw"]] }, meta: { changes: 1 } });
  });

  it("refuses with SQLite's own words", async () => {
    await expect(query("SELEC 1")).rejects.toMatchObject({
      errors: [{ code: 7500, message: 'near "SELEC": syntax error at offset 0: SQLITE_ERROR' }],
    });
    await expect(query("-- nothing")).rejects.toMatchObject(refusal(400, 7400));
    await expect(database().query(uuid, { account_id } as never)).rejects.toMatchObject(refusal(400, 7400));
    await expect(database().query("nobody", { account_id, sql: "SELECT 1" })).rejects.toMatchObject(refusal(404, 7404));
  });

  it("says that time travel is not there", async () => {
    await expect(cloud.client.d1.database.timeTravel.getBookmark(uuid, { account_id })).rejects.toMatchObject({
      status: 501,
    });
  });
});

it("refuses a Worker that names a database which is not there", async () => {
  const response = await cloud.upload("w", "export default {}", [{ type: "d1", name: "DB", id: "nobody" }]);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ code: 10181, message: expect.stringContaining("'nobody'") }],
  });
});

describe("with wrangler", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wrangler-d1-"));
    const config = {
      name: "w",
      compatibility_date: "2026-07-01",
      d1_databases: [{ binding: "DB", database_name: "main", database_id: uuid }],
    };
    await writeFile(join(folder, "wrangler.json"), JSON.stringify(config));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function wrangler(...parameters: string[]): Promise<{ ok: boolean; output: string }> {
    const env = { ...wranglerEnvironment({ cloud: cloud.cloud, accountId: account_id }, folder), HOME: folder };
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [WRANGLER, ...parameters], {
        cwd: folder,
        env,
      });
      return { ok: true, output: stdout + stderr };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { ok: false, output: stdout + stderr };
    }
  }

  it("imports a file whole or not at all, and exports it again", { timeout: 120_000 }, async () => {
    const schema = `CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, photo BLOB, weight REAL);
CREATE TABLE log (entry TEXT);
CREATE INDEX by_name ON people (name);
CREATE TRIGGER noted AFTER INSERT ON people BEGIN INSERT INTO log VALUES ('new; ' || NEW.name); END;
INSERT INTO people (name, photo, weight) VALUES ('Ann''s
second line', X'00FF', 61.5), (NULL, NULL, NULL);`;
    await writeFile(join(folder, "good.sql"), schema);
    const imported = await wrangler("d1", "execute", "main", "--remote", "--yes", "--file", "good.sql");
    expect(imported.output).toContain("Executed 5 queries");
    expect((await query("SELECT entry FROM log ORDER BY rowid"))[0]?.results).toHaveLength(2);

    await writeFile(
      join(folder, "bad.sql"),
      "CREATE TABLE half (a);\nINSERT INTO half VALUES (1);\nINSERT INTO hafl VALUES (2);\nSELECT 1;",
    );
    const failed = await wrangler("d1", "execute", "main", "--remote", "--yes", "--file", "bad.sql");
    expect(failed.ok).toBe(false);
    expect(failed.output).toContain("statement 3 of 4: no such table: hafl");
    await expect(query("SELECT * FROM half")).rejects.toMatchObject(refusal(400, 7500));

    const exported = await wrangler("d1", "export", "main", "--remote", "--output", "dump.sql", "--skip-confirmation");
    expect(exported.output).toContain("Downloaded to dump.sql");
    const dump = await readFile(join(folder, "dump.sql"), "utf8");
    const copy = (await database().create({ account_id, name: "copy" })).uuid ?? "";
    await database().query(copy, { account_id, sql: dump });
    for (const sql of [
      "SELECT * FROM people",
      "SELECT * FROM log",
      "SELECT type, name, sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    ]) {
      const { result } = await database().query(copy, { account_id, sql });
      expect(result[0]?.results).toEqual((await query(sql))[0]?.results);
    }
  });

  it("applies migrations once", { timeout: 120_000 }, async () => {
    await mkdir(join(folder, "migrations"));
    await writeFile(
      join(folder, "migrations/0001_jobs.sql"),
      "CREATE TABLE jobs (id TEXT PRIMARY KEY); INSERT INTO jobs VALUES ('a;b');",
    );
    expect((await wrangler("d1", "migrations", "apply", "main", "--remote")).output).toContain("0001_jobs.sql");
    expect((await query("SELECT name FROM d1_migrations"))[0]?.results).toEqual([{ name: "0001_jobs.sql" }]);
    expect((await wrangler("d1", "migrations", "apply", "main", "--remote")).output).toContain(
      "No migrations to apply",
    );
  });
});
