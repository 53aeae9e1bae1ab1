import type * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";

/** One SQL file. */
export interface D1Migration {
  /** The file's name, e.g. `0001_jobs.sql`: the order of the names is the order of the migrations. */
  readonly name: string;
  readonly sql: string;
}

export interface D1MigrationsArgs {
  readonly accountId: pulumi.Input<string>;
  readonly databaseId: pulumi.Input<string>;
  readonly migrations: readonly D1Migration[];
}

/**
 * The schema of a D1 database: every migration applied once and in order, each with its record in wrangler's own table
 * `d1_migrations`, so `wrangler d1 migrations list` agrees. A migration that fails leaves no trace and is named; one
 * that was applied cannot be edited.
 */
export class D1Migrations extends DynamicResource {
  /** The database, once it has its schema. */
  declare readonly databaseId: pulumi.Output<string>;

  constructor(name: string, args: D1MigrationsArgs, options?: pulumi.CustomResourceOptions) {
    super(d1MigrationsProvider, "D1Migrations", name, { ...args }, options);
  }
}

interface Properties {
  readonly accountId: string;
  readonly databaseId: string;
  readonly migrations: D1Migration[];
}

/** Travels as text: see `ProviderFactory`. */
export function d1MigrationsProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  let call: CallCloudflare | undefined;

  async function query(
    { accountId, databaseId }: Properties,
    sql: string,
  ): Promise<Record<string, unknown>[] | undefined> {
    if (!call) throw new Error("the provider was not configured");
    const answer = await call("POST", `/accounts/${accountId}/d1/database/${databaseId}/query`, { json: { sql } });
    const [first] = (answer ?? []) as { results?: Record<string, unknown>[] }[]; // what the endpoint answers
    return answer === undefined ? undefined : (first?.results ?? []);
  }

  async function appliedNames(properties: Properties): Promise<string[] | undefined> {
    const table = await query(
      properties,
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'",
    );
    if (table === undefined || table.length === 0) return table && [];
    return (await query(properties, "SELECT name FROM d1_migrations ORDER BY id"))?.map(({ name }) => String(name));
  }

  /** @throws an error that names the migration, and tells Pulumi what was applied before it */
  async function apply(properties: Properties): Promise<void> {
    const applied = new Set(await appliedNames(properties));
    const before = applied.size;
    const table =
      "CREATE TABLE IF NOT EXISTS d1_migrations(\n" +
      "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n" +
      "  name TEXT UNIQUE,\n" +
      "  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL\n" +
      ");\n";
    for (const { name, sql } of properties.migrations) {
      if (applied.has(name)) continue;
      // One request is one transaction: the record is there if and only if the migration is.
      const ended = /;\s*(--[^\n]*\s*)*$/.test(sql) ? sql : `${sql}\n;`;
      const record = `INSERT INTO d1_migrations (name) VALUES ('${name.replaceAll("'", "''")}');`;
      try {
        const answer = await query(properties, `${table}${ended}\n${record}`);
        if (answer === undefined) throw new Error("the database is gone");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const failure = new Error(`migration ${name} failed and was rolled back: ${reason}`);
        if (applied.size === before) throw failure;
        const migrations = properties.migrations.filter((migration) => applied.has(migration.name));
        const unfinished = { id: properties.databaseId, properties: { ...properties, migrations } };
        throw Object.assign(failure, unfinished, { reasons: [failure.message] });
      }
      applied.add(name);
    }
  }

  /** Migrations that were applied and are not any more what they were. */
  function spoilt(olds: Properties, news: Properties): string[] {
    const now = new Map(news.migrations.map(({ name, sql }) => [name, sql]));
    return olds.migrations.flatMap(({ name, sql }) => {
      if (!now.has(name)) return [`migration ${name} was applied and is gone: put the file back`];
      if (now.get(name) === sql) return [];
      return [`migration ${name} was applied and cannot be edited: put it back and add a new one`];
    });
  }

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    /** The outputs of before know what was applied, also after a failure half way. */
    async diff(_id, olds: Properties, news: Properties) {
      const replaces = (["accountId", "databaseId"] as const).filter((name) => olds[name] !== news[name]);
      // What is not known yet in a preview is no list.
      if (replaces.length > 0 || !Array.isArray(news.migrations)) return { changes: true, replaces };
      const problems = spoilt(olds, news);
      if (problems.length > 0) throw new Error(problems.join("; "));
      return { changes: olds.migrations.length !== news.migrations.length, replaces };
    },

    async create(inputs: Properties) {
      await apply(inputs);
      return { id: inputs.databaseId, outs: inputs };
    },

    async update(_id, _olds, news: Properties) {
      await apply(news);
      return { outs: news };
    },

    /** What the table does not know any more is to be applied again, so it is taken out of the inputs. */
    async read(id, properties: Properties) {
      const applied = await appliedNames(properties);
      if (applied === undefined) return { id: "", props: {} };
      const migrations = properties.migrations.filter(({ name }) => applied.includes(name));
      const observed = { ...properties, migrations };
      return { id, props: observed, inputs: observed };
    },
  };
}
