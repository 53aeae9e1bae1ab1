import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { d1MigrationsProvider } from "./d1-migrations.ts";
import { durableObjectMigrationsProvider } from "./durable-object-migrations.ts";
import { generatedSecretProvider } from "./generated-secret.ts";
import { load } from "./load-provider.ts";
import { queueContentsProvider } from "./queue-contents.ts";
import { r2ContentsProvider } from "./r2-contents.ts";

afterEach(() => vi.unstubAllGlobals());

describe("GeneratedSecret", () => {
  it.each([
    ["tnr_", "base64url", /^tnr_[\w-]{43}$/],
    ["whsec_", "base64", /^whsec_[A-Za-z0-9+/]{43}=$/],
  ])("%s %s: makes 32 random bytes", async (prefix, encoding, pattern) => {
    const provider = await load(generatedSecretProvider);
    const first = await provider.create({ prefix, encoding });
    const second = await provider.create({ prefix, encoding });
    expect(first.outs.value).toMatch(pattern);
    expect(first.outs.value).not.toBe(second.outs.value);
  });

  it("stays as it is until it is asked to be another", async () => {
    const provider = await load(generatedSecretProvider);
    const inputs = { prefix: "a", encoding: "base64" };
    expect(await provider.diff?.("id", { ...inputs, value: "x" }, inputs)).toEqual({ changes: false, replaces: [] });
    expect(await provider.diff?.("id", inputs, { ...inputs, prefix: "b" })).toMatchObject({ replaces: ["prefix"] });
  });
});

describe("D1Migrations", () => {
  const JOBS = { name: "0001_jobs.sql", sql: "CREATE TABLE jobs (id TEXT PRIMARY KEY);\n-- the end" };
  const NOTES = { name: "0002_notes.sql", sql: "CREATE TABLE notes (id TEXT);" };
  const BROKEN = { name: "0003_broken.sql", sql: "CREATE TABLE half (id TEXT); CREATE TABLE jobs (id TEXT);" };
  const properties = (...migrations: object[]) => ({ accountId: "a", databaseId: "d", migrations });
  let database: DatabaseSync | undefined;

  beforeEach(() => {
    database = new DatabaseSync(":memory:");
    vi.stubGlobal("fetch", (url: string, init: { body: string }) => answerQuery(database, url, init.body));
  });

  const tables = () =>
    database
      ?.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
      .all()
      .map(({ name }) => name);
  const recorded = () =>
    database
      ?.prepare("SELECT name FROM d1_migrations ORDER BY id")
      .all()
      .map(({ name }) => name);

  it("applies each once, in order, and records it in wrangler's table", async () => {
    const provider = await load(d1MigrationsProvider);
    expect(await provider.create(properties(JOBS))).toMatchObject({ id: "d" });
    await provider.update?.("d", properties(JOBS), properties(JOBS, NOTES));
    expect(tables()).toEqual(["d1_migrations", "jobs", "notes"]);
    expect(recorded()).toEqual(["0001_jobs.sql", "0002_notes.sql"]);
  });

  it("leaves alone what wrangler has applied already", async () => {
    database?.exec(
      "CREATE TABLE jobs (id TEXT); CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO d1_migrations (name) VALUES ('0001_jobs.sql')",
    );
    const provider = await load(d1MigrationsProvider);
    await provider.create(properties(JOBS));
    expect(recorded()).toEqual(["0001_jobs.sql"]);
  });

  it("names a migration that fails, and nothing of it stays", async () => {
    const provider = await load(d1MigrationsProvider);
    await expect(provider.create(properties(JOBS, NOTES, BROKEN))).rejects.toThrow(
      "migration 0003_broken.sql failed and was rolled back: table jobs already exists",
    );
    expect(tables()).toEqual(["d1_migrations", "jobs", "notes"]);
    expect(recorded()).toEqual(["0001_jobs.sql", "0002_notes.sql"]);
  });

  it("goes on after the broken one is mended", async () => {
    const provider = await load(d1MigrationsProvider);
    await expect(provider.create(properties(JOBS, BROKEN))).rejects.toThrow();
    await provider.create(properties(JOBS, { name: BROKEN.name, sql: "CREATE TABLE whole (id TEXT)" }));
    expect(tables()).toEqual(["d1_migrations", "jobs", "whole"]);
  });

  it.each<[string, object[], string]>([
    [
      "edited",
      [{ ...JOBS, sql: "CREATE TABLE other (id TEXT);" }],
      "migration 0001_jobs.sql was applied and cannot be edited: put it back and add a new one",
    ],
    ["removed", [], "migration 0001_jobs.sql was applied and is gone: put the file back"],
  ])("refuses by name one that was applied and then %s", async (_, migrations, reason) => {
    const provider = await load(d1MigrationsProvider);
    await expect(provider.diff?.("d", properties(JOBS), properties(...migrations))).rejects.toThrow(reason);
  });

  it("tells what was applied before the one that failed, so that only that can be edited", async () => {
    const provider = await load(d1MigrationsProvider);
    const failure = provider.create(properties(JOBS, BROKEN));
    await expect(failure).rejects.toMatchObject({ id: "d", properties: properties(JOBS) });
    const mended = { ...BROKEN, sql: "CREATE TABLE whole (id TEXT)" };
    expect(await provider.diff?.("d", properties(JOBS), properties(JOBS, mended))).toEqual({
      changes: true,
      replaces: [],
    });
  });

  it.each([
    ["no semicolon", "CREATE TABLE x (id TEXT)"],
    ["no semicolon before a comment", "CREATE TABLE x (id TEXT) -- the end"],
    ["a comment after the semicolon", "CREATE TABLE x (id TEXT); -- the end\n-- really"],
    ["an empty line at the end", "CREATE TABLE x (id TEXT);\n\n"],
  ])("takes a file with %s", async (_, sql) => {
    const provider = await load(d1MigrationsProvider);
    await provider.create(properties({ name: "0001_x.sql", sql }));
    expect(recorded()).toEqual(["0001_x.sql"]);
  });

  it("runs again on another database, and only then", async () => {
    const provider = await load(d1MigrationsProvider);
    expect(await provider.diff?.("d", properties(JOBS), properties(JOBS))).toEqual({ changes: false, replaces: [] });
    expect(await provider.diff?.("d", properties(JOBS), properties(JOBS, NOTES))).toEqual({
      changes: true,
      replaces: [],
    });
    expect(await provider.diff?.("d", properties(JOBS), { ...properties(JOBS), databaseId: "e" })).toEqual({
      changes: true,
      replaces: ["databaseId"],
    });
  });

  it("sees on a refresh what is missing, or that all is gone", async () => {
    const provider = await load(d1MigrationsProvider);
    await provider.create(properties(JOBS));
    expect((await provider.read?.("d", properties(JOBS, NOTES)))?.inputs).toEqual(properties(JOBS));
    database = undefined;
    expect((await provider.read?.("d", properties(JOBS)))?.id).toBe("");
  });

  it("says that the token is missing", async () => {
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "");
    const provider = await load(d1MigrationsProvider, {});
    await expect(provider.create(properties(JOBS))).rejects.toThrow("cloudflare:apiToken: is missing");
    vi.unstubAllEnvs();
  });
});

describe("R2Contents", () => {
  const PATH = "/client/v4/accounts/a/r2/buckets/b/objects";
  const stubBucket = (keys: Set<string> | undefined, stuck = false) =>
    vi.stubGlobal("fetch", async (input: string, { method }: { method: string }) => {
      const { pathname } = new URL(input);
      if (!keys) return Response.json({ success: false }, { status: 404 });
      if (method === "DELETE" && !stuck) keys.delete(decodeURIComponent(pathname.slice(PATH.length + 1)));
      const page = [...keys].slice(0, 2).map((key) => ({ key }));
      return Response.json({ success: true, result: pathname === PATH ? page : {} });
    });

  it("empties the bucket, page by page, whatever the keys", async () => {
    const keys = new Set(["a", "tenant/job 1?.json", "b#c", "d%2F", "e"]);
    stubBucket(keys);
    const provider = await load(r2ContentsProvider);
    await provider.delete?.("b", { accountId: "a", bucketName: "b" });
    expect([...keys]).toEqual([]);
  });

  it("is done when the bucket is gone", async () => {
    stubBucket(undefined);
    const provider = await load(r2ContentsProvider);
    await expect(provider.delete?.("b", { accountId: "a", bucketName: "b" })).resolves.toBeUndefined();
  });

  it("does not try for ever", async () => {
    stubBucket(new Set(["a"]), true);
    const provider = await load(r2ContentsProvider);
    await expect(provider.delete?.("b", { accountId: "a", bucketName: "b" })).rejects.toThrow(
      "the object a does not go",
    );
  });
});

describe("QueueContents", () => {
  const PROPERTIES = { accountId: "a", queueId: "q1", queueName: "tenner-x-work" };
  const METRICS = { backlog_bytes: 1, oldest_message_timestamp_ms: 0 };

  it.each<[string, Response, string[]]>([
    [
      "how many messages go with it",
      Response.json({ success: true, result: { ...METRICS, backlog_count: 12 } }),
      ["queue tenner-x-work: is deleted with 12 messages in it"],
    ],
    [
      "that there is one",
      Response.json({ success: true, result: { ...METRICS, backlog_count: 1 } }),
      ["queue tenner-x-work: is deleted with 1 message in it"],
    ],
    ["nothing when it is empty", Response.json({ success: true, result: { ...METRICS, backlog_count: 0 } }), []],
    ["nothing when it is gone", Response.json({ success: false }, { status: 404 }), []],
    [
      "that it cannot know",
      Response.json({ success: false, errors: [{ code: 10_000, message: "no permission" }] }, { status: 403 }),
      ["queue tenner-x-work: is deleted; how many messages are lost with it is not known (no permission (code 10000))"],
    ],
  ])("says %s, and lets the queue be deleted", async (_, answer, expected) => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(new URL(url).pathname);
      return answer;
    });
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const provider = await load(queueContentsProvider);
    await provider.delete?.("q1", PROPERTIES);
    expect(asked).toEqual(["/client/v4/accounts/a/queues/q1/metrics"]);
    expect(warn.mock.calls.flat()).toEqual(expected);
    warn.mockRestore();
  });

  it("follows a queue to its new name, and is another for another queue", async () => {
    const provider = await load(queueContentsProvider);
    expect(await provider.diff?.("q1", PROPERTIES, { ...PROPERTIES, queueName: "n" })).toEqual({
      changes: true,
      replaces: [],
    });
    expect(await provider.diff?.("q1", PROPERTIES, { ...PROPERTIES, queueId: "q2" })).toMatchObject({
      replaces: ["queueId"],
    });
  });
});

describe("DurableObjectMigrations", () => {
  const V1 = { tag: "v1", new_sqlite_classes: ["A"] };
  const V2 = { tag: "v2", deleted_classes: ["A"] };
  const inputs = (...migrations: object[]) => ({
    accountId: "a",
    scriptName: "s",
    migrations,
    contentFile: import.meta.filename,
    mainModule: "index.js",
    compatibilityDate: "2026-11-01",
    compatibilityFlags: [],
  });

  it.each<[string, string | null | undefined, object[], object | undefined]>([
    ["a new script", undefined, [V1], { new_tag: "v1", steps: [{ new_sqlite_classes: ["A"] }] }],
    ["a script without classes", null, [V1], { new_tag: "v1", steps: [{ new_sqlite_classes: ["A"] }] }],
    ["a script that has them all", "v1", [V1], undefined],
    ["a script that is behind", "v1", [V1, V2], { old_tag: "v1", new_tag: "v2", steps: [{ deleted_classes: ["A"] }] }],
  ])("%s: sends what is missing, from the tag that is there", async (_, tag, migrations, expected) => {
    const sent = stubScript(tag);
    const provider = await load(durableObjectMigrationsProvider);
    await provider.create(inputs(...migrations));
    expect(sent.map(({ migrations: one }) => one)).toEqual(expected ? [expected] : []);
  });

  it("keeps the bindings of a script that is there, but not those of a class that goes", async () => {
    const sent = stubScript("v1");
    const provider = await load(durableObjectMigrationsProvider);
    await provider.update?.("s", inputs(V1), inputs(V1, { tag: "v2", new_sqlite_classes: ["B"] }));
    expect(sent[0]?.keep_bindings).toContain("durable_object_namespace");
    await provider.update?.("s", inputs(V1), inputs(V1, V2));
    expect(sent[1]?.keep_bindings).toContain("secret_text");
    expect(sent[1]?.keep_bindings).not.toContain("durable_object_namespace");
  });

  it("refuses a script with a tag that wrangler.jsonc does not know", async () => {
    stubScript("v9");
    const provider = await load(durableObjectMigrationsProvider);
    await expect(provider.create(inputs(V1))).rejects.toThrow(
      "s has the migration tag v9, which wrangler.jsonc does not know",
    );
  });

  it("refuses in a preview already to delete a class, until its data may be lost", async () => {
    const provider = await load(durableObjectMigrationsProvider);
    const lost = "keep-data: s would lose the Durable Object class A with all that its objects have stored";
    await expect(provider.diff?.("s", inputs(V1), inputs(V1, V2))).rejects.toThrow(lost);
    vi.stubEnv("TENNER_ALLOW_DATA_LOSS", "yes");
    expect(await provider.diff?.("s", inputs(V1), inputs(V1, V2))).toMatchObject({ changes: true });
    vi.unstubAllEnvs();
    // What is done cannot be lost again.
    expect(await provider.diff?.("s", inputs(V1, V2), inputs(V1, V2))).toMatchObject({ changes: false });
  });

  it("is not concerned by another bundle", async () => {
    const provider = await load(durableObjectMigrationsProvider);
    expect(await provider.diff?.("s", inputs(V1), { ...inputs(V1), compatibilityDate: "2027-01-01" })).toEqual({
      changes: false,
      replaces: [],
    });
  });
});

interface SentMetadata {
  readonly migrations?: object;
  readonly keep_bindings?: string[];
}

/** A script with this tag (undefined: none), and the metadata of what is uploaded. */
function stubScript(tag: string | null | undefined): SentMetadata[] {
  const sent: SentMetadata[] = [];
  vi.stubGlobal("fetch", async (_url: string, init: { method: string; body?: FormData }) => {
    if (init.method === "PUT") {
      const metadata = init.body?.get("metadata");
      sent.push(JSON.parse(typeof metadata === "string" ? metadata : ""));
      return Response.json({ success: true, result: {} });
    }
    if (tag === undefined) return Response.json({ success: false }, { status: 404 });
    return Response.json({ success: true, result: { default_environment: { script: { migration_tag: tag } } } });
  });
  return sent;
}

/** D1's query endpoint: all statements of a request in one transaction. */
async function answerQuery(database: DatabaseSync | undefined, url: string, body: string): Promise<Response> {
  expect(url).toBe("http://cloud.invalid/client/v4/accounts/a/d1/database/d/query");
  if (!database)
    return Response.json({ success: false, errors: [{ code: 7404, message: "not found" }] }, { status: 404 });
  const { sql } = JSON.parse(body) as { sql: string }; // sent by the provider
  try {
    if (/^\s*SELECT/i.test(sql)) {
      return Response.json({ success: true, result: [{ success: true, results: database.prepare(sql).all() }] });
    }
    database.exec("BEGIN");
    database.exec(sql);
    database.exec("COMMIT");
    return Response.json({ success: true, result: [{ success: true, results: [] }] });
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    return Response.json({ success: false, errors: [{ message: String((error as Error).message) }] }, { status: 400 });
  }
}
