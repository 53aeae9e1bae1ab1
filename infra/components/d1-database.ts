import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
// Deep imports: the package as a whole takes half a second to load.
import * as d1 from "@pulumi/cloudflare/d1database.js";
import * as pulumi from "@pulumi/pulumi";
import { type D1Migration, D1Migrations } from "./d1-migrations.ts";

export interface D1DatabaseArgs {
  readonly accountId: string;
  /** Unique in the account. */
  readonly databaseName: string;
  /** A folder of `.sql` files. */
  readonly migrationsDirectory: string;
}

/** A D1 database with its schema. */
export class D1Database extends pulumi.ComponentResource {
  /** The database's id, once its migrations are applied. */
  readonly databaseId: pulumi.Output<string>;

  constructor(name: string, args: D1DatabaseArgs, options?: pulumi.ComponentResourceOptions) {
    super("tenner:index:D1Database", name, {}, options);
    const { accountId, databaseName, migrationsDirectory } = args;
    const database = new d1.D1Database(
      name,
      // Said outright, for else a refresh would take the API's answer for a change.
      { accountId, name: databaseName, readReplication: { mode: "disabled" } },
      { parent: this },
    );
    const migrations = new D1Migrations(
      name,
      { accountId, databaseId: database.id, migrations: readMigrations(migrationsDirectory) },
      { parent: this },
    );
    this.databaseId = migrations.databaseId;
    this.registerOutputs({ databaseId: this.databaseId });
  }
}

/** The migrations of a folder, in order. */
function readMigrations(directory: string): D1Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(directory, name), "utf8") }));
}
