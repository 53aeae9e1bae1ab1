import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import type { DurableObjectClass } from "../../core/worker-definition.ts";
import type { AssetsConfig, Binding, ScriptSettings } from "./metadata.ts";
import type { UploadedModule } from "./upload.ts";

/** A Worker of an account. Times are ms since 1970. */
export interface Script {
  readonly accountId: string;
  readonly name: string;
  /** 32 hexadecimal digits: `script_tag`, and the id of the beta Workers API. */
  readonly tag: string;
  readonly createdOn: number;
  readonly modifiedOn: number;
  readonly deployedOn: number | null;
  readonly settings: ScriptSettings;
  readonly subdomain: { enabled: boolean; previews_enabled: boolean };
  readonly migrationTag: string | null;
  readonly port: number | null;
}

/** What a version fixes besides its code. Bindings hold secrets sealed. */
export interface VersionSettings {
  bindings: Binding[];
  compatibility_date: string;
  compatibility_flags: string[];
  usage_model: string;
  limits?: Record<string, unknown> | null;
  placement?: Record<string, unknown> | null;
}

/** The assets of a version: the site with its files, and how it is served. */
export interface VersionAssets {
  readonly site: string;
  readonly config: AssetsConfig;
}

/** One version of a Worker. It never changes. */
export interface Version {
  readonly id: string;
  readonly accountId: string;
  readonly script: string;
  readonly number: number;
  readonly createdOn: number;
  readonly mainModule: string | null;
  readonly etag: string;
  readonly handlers: readonly string[];
  readonly namedHandlers: readonly { name: string; handlers: string[] }[];
  /** Milliseconds. */
  readonly startupTime: number;
  readonly source: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly migrationTag: string | null;
  readonly settings: VersionSettings;
  readonly assets: VersionAssets | null;
  /** It brought a Durable Object migration with it. */
  readonly migrated: boolean;
}

/** Which versions answer requests, and how many of them. */
export interface Deployment {
  readonly id: string;
  readonly script: string;
  readonly createdOn: number;
  readonly versions: readonly { version_id: string; percentage: number }[];
  readonly source: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A cron trigger. */
export interface Schedule {
  readonly accountId: string;
  readonly script: string;
  readonly cron: string;
  readonly createdOn: number;
  readonly modifiedOn: number;
}

/** Everything the store knows about Workers, in SQLite. No rules here. */
export class WorkersStore {
  readonly #store: ServiceContext["store"];

  constructor({ store }: ServiceContext) {
    this.#store = store;
    store.define(SCHEMA);
  }

  transaction<Result>(work: () => Result): Result {
    return this.#store.transaction(work);
  }

  script(accountId: string, name: string): Script | undefined {
    const row = this.#store.get("SELECT * FROM workers_scripts WHERE account_id = ? AND name = ?", accountId, name);
    return row && toScript(row);
  }

  scriptByTag(accountId: string, tag: string): Script | undefined {
    const row = this.#store.get("SELECT * FROM workers_scripts WHERE account_id = ? AND tag = ?", accountId, tag);
    return row && toScript(row);
  }

  scripts(accountId: string): Script[] {
    return this.#store.all("SELECT * FROM workers_scripts WHERE account_id = ? ORDER BY name", accountId).map(toScript);
  }

  allScripts(): Script[] {
    return this.#store.all("SELECT * FROM workers_scripts ORDER BY account_id, name").map(toScript);
  }

  saveScript(script: Script): void {
    this.#store.run(
      `INSERT OR REPLACE INTO workers_scripts
         (account_id, name, tag, created_on, modified_on, deployed_on, settings, subdomain, migration_tag, port)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      script.accountId,
      script.name,
      script.tag,
      script.createdOn,
      script.modifiedOn,
      script.deployedOn,
      JSON.stringify(script.settings),
      JSON.stringify(script.subdomain),
      script.migrationTag,
      script.port,
    );
  }

  deleteScript({ accountId, name }: Script): void {
    for (const table of ["versions", "deployments", "objects", "tags", "schedules"])
      this.#store.run(`DELETE FROM workers_${table} WHERE account_id = ? AND script = ?`, accountId, name);
    this.#store.run("DELETE FROM workers_scripts WHERE account_id = ? AND name = ?", accountId, name);
  }

  version(accountId: string, script: string, id: string): Version | undefined {
    const row = this.#store.get(
      "SELECT * FROM workers_versions WHERE account_id = ? AND script = ? AND id = ?",
      accountId,
      script,
      id,
    );
    return row && toVersion(row);
  }

  /** Newest first. */
  versions(accountId: string, script: string): Version[] {
    return this.#store
      .all("SELECT * FROM workers_versions WHERE account_id = ? AND script = ? ORDER BY number DESC", accountId, script)
      .map(toVersion);
  }

  latestVersion(accountId: string, script: string): Version | undefined {
    const row = this.#store.get(
      "SELECT * FROM workers_versions WHERE account_id = ? AND script = ? ORDER BY number DESC LIMIT 1",
      accountId,
      script,
    );
    return row && toVersion(row);
  }

  addVersion(version: Version, modules: readonly UploadedModule[]): void {
    this.#store.run(
      `INSERT INTO workers_versions (id, account_id, script, number, created_on, facts) VALUES (?, ?, ?, ?, ?, ?)`,
      version.id,
      version.accountId,
      version.script,
      version.number,
      version.createdOn,
      JSON.stringify(version),
    );
    modules.forEach((module, position) => {
      this.#store.run(
        "INSERT INTO workers_modules (version_id, position, name, content_type, contents) VALUES (?, ?, ?, ?, ?)",
        version.id,
        position,
        module.name,
        module.contentType,
        module.contents,
      );
    });
  }

  modules(versionId: string): UploadedModule[] {
    return this.#store
      .all("SELECT * FROM workers_modules WHERE version_id = ? ORDER BY position", versionId)
      .map((row) => ({
        name: String(row["name"]),
        contentType: String(row["content_type"]),
        contents: row["contents"] as Uint8Array,
      }));
  }

  /** Newest first. */
  deployments(accountId: string, script: string): Deployment[] {
    return this.#store
      .all(
        "SELECT facts FROM workers_deployments WHERE account_id = ? AND script = ? ORDER BY rowid DESC",
        accountId,
        script,
      )
      .map((row) => fromJson<Deployment>(row["facts"]));
  }

  currentDeployment(accountId: string, script: string): Deployment | undefined {
    const row = this.#store.get(
      "SELECT facts FROM workers_deployments WHERE account_id = ? AND script = ? ORDER BY rowid DESC LIMIT 1",
      accountId,
      script,
    );
    return row && fromJson<Deployment>(row["facts"]);
  }

  addDeployment(accountId: string, deployment: Deployment): void {
    this.#store.run(
      "INSERT INTO workers_deployments (id, account_id, script, facts) VALUES (?, ?, ?, ?)",
      deployment.id,
      accountId,
      deployment.script,
      JSON.stringify(deployment),
    );
  }

  /** The Durable Object classes of a script. */
  classes(accountId: string, script: string): DurableObjectClass[] {
    return this.#store
      .all("SELECT * FROM workers_objects WHERE account_id = ? AND script = ? ORDER BY class_name", accountId, script)
      .map((row) => ({
        className: String(row["class_name"]),
        namespaceId: String(row["namespace_id"]),
        sqlite: row["sqlite"] === 1,
      }));
  }

  /** All Durable Object namespaces of an account. */
  namespaces(accountId: string): (DurableObjectClass & { script: string })[] {
    return this.scripts(accountId).flatMap(({ name }) =>
      this.classes(accountId, name).map((known) => ({ ...known, script: name })),
    );
  }

  setClasses(accountId: string, script: string, classes: readonly DurableObjectClass[]): void {
    this.#store.run("DELETE FROM workers_objects WHERE account_id = ? AND script = ?", accountId, script);
    for (const { className, namespaceId, sqlite } of classes)
      this.#store.run(
        "INSERT INTO workers_objects (namespace_id, account_id, script, class_name, sqlite) VALUES (?, ?, ?, ?, ?)",
        namespaceId,
        accountId,
        script,
        className,
        sqlite ? 1 : 0,
      );
  }

  appliedTags(accountId: string, script: string): Set<string> {
    return new Set(
      this.#store
        .all("SELECT tag FROM workers_tags WHERE account_id = ? AND script = ?", accountId, script)
        .map((row) => String(row["tag"])),
    );
  }

  addTag(accountId: string, script: string, tag: string): void {
    this.#store.run(
      "INSERT OR IGNORE INTO workers_tags (account_id, script, tag) VALUES (?, ?, ?)",
      accountId,
      script,
      tag,
    );
  }

  schedules(accountId: string, script?: string): Schedule[] {
    return this.#store
      .all("SELECT * FROM workers_schedules WHERE account_id = ? ORDER BY rowid", accountId)
      .map(toSchedule)
      .filter((schedule) => script === undefined || schedule.script === script);
  }

  allSchedules(): Schedule[] {
    return this.#store.all("SELECT * FROM workers_schedules ORDER BY rowid").map(toSchedule);
  }

  setSchedules(accountId: string, script: string, schedules: readonly Schedule[]): void {
    this.#store.run("DELETE FROM workers_schedules WHERE account_id = ? AND script = ?", accountId, script);
    for (const { cron, createdOn, modifiedOn } of schedules)
      this.#store.run(
        "INSERT INTO workers_schedules (account_id, script, cron, created_on, modified_on) VALUES (?, ?, ?, ?, ?)",
        accountId,
        script,
        cron,
        createdOn,
        modifiedOn,
      );
  }
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS workers_scripts (
  account_id TEXT NOT NULL, name TEXT NOT NULL, tag TEXT NOT NULL, created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL, deployed_on INTEGER, settings TEXT NOT NULL, subdomain TEXT NOT NULL,
  migration_tag TEXT, port INTEGER UNIQUE, PRIMARY KEY (account_id, name));
CREATE TABLE IF NOT EXISTS workers_versions (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, script TEXT NOT NULL, number INTEGER NOT NULL,
  created_on INTEGER NOT NULL, facts TEXT NOT NULL, UNIQUE (account_id, script, number));
CREATE TABLE IF NOT EXISTS workers_modules (
  version_id TEXT NOT NULL REFERENCES workers_versions (id) ON DELETE CASCADE, position INTEGER NOT NULL,
  name TEXT NOT NULL, content_type TEXT NOT NULL, contents BLOB NOT NULL, PRIMARY KEY (version_id, position));
CREATE TABLE IF NOT EXISTS workers_deployments (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, script TEXT NOT NULL, facts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS workers_deployments_by_script ON workers_deployments (account_id, script);
CREATE TABLE IF NOT EXISTS workers_objects (
  namespace_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, script TEXT NOT NULL, class_name TEXT NOT NULL,
  sqlite INTEGER NOT NULL, UNIQUE (account_id, script, class_name));
CREATE TABLE IF NOT EXISTS workers_tags (
  account_id TEXT NOT NULL, script TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (account_id, script, tag));
CREATE TABLE IF NOT EXISTS workers_schedules (
  account_id TEXT NOT NULL, script TEXT NOT NULL, cron TEXT NOT NULL, created_on INTEGER NOT NULL,
  modified_on INTEGER NOT NULL, PRIMARY KEY (account_id, script, cron));
`;

function toScript(row: Row): Script {
  return {
    accountId: String(row["account_id"]),
    name: String(row["name"]),
    tag: String(row["tag"]),
    createdOn: Number(row["created_on"]),
    modifiedOn: Number(row["modified_on"]),
    deployedOn: row["deployed_on"] === null ? null : Number(row["deployed_on"]),
    settings: fromJson(row["settings"]),
    subdomain: fromJson(row["subdomain"]),
    migrationTag: row["migration_tag"] === null ? null : String(row["migration_tag"]),
    port: row["port"] === null ? null : Number(row["port"]),
  };
}

const toVersion = (row: Row): Version => fromJson(row["facts"]);

function toSchedule(row: Row): Schedule {
  return {
    accountId: String(row["account_id"]),
    script: String(row["script"]),
    cron: String(row["cron"]),
    createdOn: Number(row["created_on"]),
    modifiedOn: Number(row["modified_on"]),
  };
}

/** Reads what this store wrote. */
function fromJson<Value>(text: unknown): Value {
  return JSON.parse(String(text)) as Value;
}
