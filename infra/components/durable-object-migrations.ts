import type * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";
import type { Migration } from "./wrangler-configuration.ts";

export interface DurableObjectMigrationsArgs {
  readonly accountId: string;
  readonly scriptName: string;
  /** All of them, in order; what the script has already is left out. */
  readonly migrations: readonly Migration[];
  /** The Worker's bundle, relative to the project. */
  readonly contentFile: string;
  /** The bundle's name as a module. */
  readonly mainModule: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

/**
 * The Durable Object classes of a script.
 *
 * Cloudflare wants migrations sent once: from the tag that the script has to a new one (code 10079 otherwise), and
 * `WorkersScript` sends them again at every update. So they go ahead of it: where the script's tag is behind, the
 * bundle is uploaded with the missing migrations, keeping the bindings that are there; `WorkersScript` follows with the
 * whole and never speaks of migrations.
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
export class DurableObjectMigrations extends DynamicResource {
  /** The script, once it has its classes. */
  declare readonly scriptName: pulumi.Output<string>;

  constructor(name: string, args: DurableObjectMigrationsArgs, options?: pulumi.CustomResourceOptions) {
    super(durableObjectMigrationsProvider, "DurableObjectMigrations", name, { ...args }, options);
  }
}

/** Travels as text: see `ProviderFactory`. */
export function durableObjectMigrationsProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  let call: CallCloudflare | undefined;

  /** Undefined when there is no script, null when it has no tag. */
  async function currentTag({
    accountId,
    scriptName,
  }: DurableObjectMigrationsArgs): Promise<string | null | undefined> {
    if (!call) throw new Error("the provider was not configured");
    const answer = await call("GET", `/accounts/${accountId}/workers/services/${scriptName}`);
    const service = answer as { default_environment?: { script?: { migration_tag?: string | null } } } | undefined; // what the endpoint answers
    return service && (service.default_environment?.script?.migration_tag ?? null);
  }

  async function migrate(properties: DurableObjectMigrationsArgs): Promise<void> {
    const { accountId, scriptName, migrations, contentFile, mainModule } = properties;
    const last = migrations.at(-1)?.tag;
    const tag = await currentTag(properties);
    if (last === undefined || tag === last) return;
    const applied = migrations.findIndex((migration) => migration.tag === tag);
    if (tag && applied < 0) {
      throw new Error(`${scriptName} has the migration tag ${tag}, which wrangler.jsonc does not know: add it back`);
    }
    const missing = migrations.slice(applied + 1);
    const deletes = missing.some(({ deleted_classes }) => (deleted_classes?.length ?? 0) > 0);
    const metadata = {
      main_module: mainModule,
      compatibility_date: properties.compatibilityDate,
      compatibility_flags: properties.compatibilityFlags,
      migrations: {
        ...(tag && { old_tag: tag }),
        new_tag: last,
        steps: missing.map(({ tag: _tag, ...step }) => step),
      },
      // A class cannot be deleted while a binding leads to it.
      ...(tag !== undefined && {
        keep_assets: true,
        keep_bindings: BINDING_TYPES.filter((type) => !deletes || type !== CLASS),
      }),
    };
    const form = new FormData();
    const content = process.getBuiltinModule("node:fs").readFileSync(contentFile);
    form.append(mainModule, new Blob([content], { type: "application/javascript+module" }), mainModule);
    form.append("metadata", JSON.stringify(metadata));
    try {
      await call?.("PUT", `/accounts/${accountId}/workers/scripts/${scriptName}`, { form });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${scriptName}: Durable Object migrations to ${last} failed: ${reason}`);
    }
  }

  const CLASS = "durable_object_namespace";
  const BINDING_TYPES = [
    "ai",
    "analytics_engine",
    "assets",
    "d1",
    CLASS,
    "json",
    "kv_namespace",
    "plain_text",
    "queue",
    "r2_bucket",
    "ratelimit",
    "secret_text",
    "service",
    "vectorize",
    "version_metadata",
  ];

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    async diff(_id, olds: DurableObjectMigrationsArgs, news: DurableObjectMigrationsArgs) {
      const replaces = (["accountId", "scriptName"] as const).filter((name) => olds[name] !== news[name]);
      const changes = JSON.stringify(olds.migrations) !== JSON.stringify(news.migrations);
      const known = olds.migrations.map(({ tag }) => tag);
      const missing = news.migrations.filter(({ tag }) => !known.includes(tag));
      const deleted = missing.flatMap(({ deleted_classes }) => deleted_classes ?? []);
      if (deleted.length > 0 && process.env["TENNER_ALLOW_DATA_LOSS"] !== "yes") {
        throw new Error(
          `keep-data: ${news.scriptName} would lose the Durable Object class ${deleted.join(", ")} with all that its ` +
            "objects have stored. Take it out first; or, if it may be lost, add --allow-data-loss " +
            "(TENNER_ALLOW_DATA_LOSS=yes for the Pulumi CLI).",
        );
      }
      return { changes: changes || replaces.length > 0, replaces };
    },

    async create(inputs: DurableObjectMigrationsArgs) {
      await migrate(inputs);
      return { id: inputs.scriptName, outs: inputs };
    },

    async update(_id, _olds, news: DurableObjectMigrationsArgs) {
      await migrate(news);
      return { outs: news };
    },

    async read(id, properties: DurableObjectMigrationsArgs) {
      return (await currentTag(properties)) === undefined ? { id: "", props: {} } : { id, props: properties };
    },

    /** The script is usually gone by now; it is not when its `WorkersScript` was never made. */
    async delete(_id, { accountId, scriptName }: DurableObjectMigrationsArgs) {
      await call?.("DELETE", `/accounts/${accountId}/workers/scripts/${scriptName}?force=true`);
    },
  };
}
