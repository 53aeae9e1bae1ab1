import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { timestamp } from "../../core/clock.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import type { PlanLimits } from "../../core/plan.ts";
import { jsonBody } from "../../core/request-body.ts";
import { shownBindings } from "./answers.ts";
import { errors } from "./errors.ts";
import { Metadata, ScriptSettings } from "./metadata.ts";
import { sourceOf } from "./script-routes.ts";
import type { Scripts } from "./scripts.ts";
import type { Script, Version } from "./store.ts";
import { checkModules, type UploadedModule } from "./upload.ts";

const Worker = ScriptSettings.extend({
  name: z.string(),
  subdomain: z.object({ enabled: z.boolean().nullish(), previews_enabled: z.boolean().nullish() }).nullish(),
});
const NewVersion = Metadata.extend({
  modules: z.array(z.object({ name: z.string(), content_type: z.string(), content_base64: z.string() })).nullish(),
});

/**
 * The beta Workers API: Worker, its versions with modules in JSON.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/
 */
export function betaRoutes(scripts: Scripts, limits: (accountId: string) => PlanLimits): Hono {
  const routes = new Hono();
  const find = (context: Context): Script => {
    const id = context.req.param("worker") ?? "";
    const accountId = accountOf(context);
    const script = scripts.store.scriptByTag(accountId, id) ?? scripts.store.script(accountId, id);
    if (script === undefined) throw errors.scriptNotFound();
    return script;
  };

  routes.get("/workers", (context) => {
    const { items, info } = pageOf(context, scripts.store.scripts(accountOf(context)), 10);
    return ok(
      context,
      items.map((script) => workerAnswer(scripts, script)),
      info,
    );
  });

  routes.post("/workers", async (context) => {
    const { name, subdomain, ...settings } = await jsonBody(context, Worker);
    const accountId = accountOf(context);
    if (scripts.store.script(accountId, name)) throw errors.malformedUpload(`a Worker named ${name} exists already`);
    const script = await scripts.create(accountId, name, settings);
    const changed = subdomain ? scripts.update(script, { subdomain: withDefaults(subdomain) }) : script;
    return ok(context, workerAnswer(scripts, changed));
  });

  routes.get("/workers/:worker", (context) => ok(context, workerAnswer(scripts, find(context))));

  const update = async (context: Context) => {
    const script = find(context);
    const { name, subdomain, ...settings } = await jsonBody(context, Worker.partial());
    if (name !== undefined && name !== script.name) throw errors.malformedUpload("a Worker cannot be renamed here");
    const changed = scripts.update(script, {
      settings: context.req.method === "PUT" ? settings : { ...script.settings, ...settings },
      ...(subdomain && { subdomain: withDefaults(subdomain) }),
    });
    return ok(context, workerAnswer(scripts, changed));
  };
  routes.put("/workers/:worker", update);
  routes.patch("/workers/:worker", update);

  routes.delete("/workers/:worker", async (context) => {
    await scripts.delete(find(context), true);
    return ok(context, null);
  });

  routes.get("/workers/:worker/versions", (context) => {
    const script = find(context);
    const { items, info } = pageOf(context, scripts.store.versions(script.accountId, script.name), 10);
    return ok(
      context,
      items.map((version) => betaVersion(scripts, script, version, [])),
      info,
    );
  });

  routes.post("/workers/:worker/versions", async (context) => {
    const script = find(context);
    const { accountId, name } = script;
    const { modules: sent, ...metadata } = await jsonBody(context, NewVersion);
    const modules = (sent ?? []).map(({ content_base64, content_type, ...module }) => ({
      ...module,
      contentType: content_type,
      contents: new Uint8Array(Buffer.from(content_base64, "base64")),
    }));
    checkModules(metadata, modules, limits(accountId));
    const version = await scripts.addVersion(accountId, name, {
      upload: { metadata, modules },
      source: sourceOf(context),
      deploy: context.req.query("deploy") === "true",
      triggeredBy: "create_version_api",
    });
    return ok(context, betaVersion(scripts, script, version, modules));
  });

  routes.get("/workers/:worker/versions/:version", (context) => {
    const script = find(context);
    const id = context.req.param("version");
    const version = scripts.store.version(script.accountId, script.name, id);
    if (version === undefined) throw errors.versionNotFound(id);
    const modules = context.req.query("include") === "modules" ? scripts.store.modules(id) : [];
    return ok(context, betaVersion(scripts, script, version, modules));
  });

  return routes;
}

function workerAnswer(scripts: Scripts, script: Script) {
  const { settings } = script;
  const references = scripts.references(script);
  return {
    id: script.tag,
    name: script.name,
    created_on: timestamp(script.createdOn),
    updated_on: timestamp(script.modifiedOn),
    deployed_on: script.deployedOn === null ? null : timestamp(script.deployedOn),
    logpush: settings.logpush ?? false,
    tags: settings.tags ?? [],
    observability: withObservabilityDefaults(settings.observability ?? {}),
    subdomain: script.subdomain,
    tail_consumers: (settings.tail_consumers ?? []).map(({ service }) => ({ name: service })),
    references,
  };
}

function betaVersion(scripts: Scripts, script: Script, version: Version, modules: readonly UploadedModule[]) {
  const { settings } = version;
  return {
    id: version.id,
    number: version.number,
    source: version.source,
    created_on: timestamp(version.createdOn),
    urls: [],
    startup_time_ms: version.startupTime,
    migration_tag: version.migrationTag,
    main_module: version.mainModule,
    compatibility_date: settings.compatibility_date,
    compatibility_flags: settings.compatibility_flags,
    usage_model: settings.usage_model,
    limits: settings.limits ?? null,
    bindings: shownBindings(scripts, script, version),
    ...(version.assets && { assets: { config: version.assets.config } }),
    modules: modules
      .map(({ name, contentType, contents }) => ({
        content_base64: Buffer.from(contents).toString("base64"),
        content_type: contentType,
        name,
      }))
      .sort((left, right) => left.name.localeCompare(right.name)),
    annotations: version.annotations,
    main_script_base64: null,
    cache_options: { enabled: false, cross_version_cache: false },
  };
}

function withDefaults({ enabled, previews_enabled: previews }: NonNullable<z.infer<typeof Worker>["subdomain"]>) {
  return { enabled: enabled ?? false, previews_enabled: previews ?? enabled ?? false };
}

/** This API answers every field of `observability`, set or not. */
function withObservabilityDefaults(given: Record<string, unknown>) {
  const nested = (name: string) => (given[name] ?? {}) as Record<string, unknown>;
  return {
    enabled: false,
    head_sampling_rate: 1,
    ...given,
    logs: {
      destinations: [],
      enabled: false,
      head_sampling_rate: 1,
      invocation_logs: true,
      persist: true,
      ...nested("logs"),
    },
    traces: {
      destinations: [],
      enabled: false,
      head_sampling_rate: 1,
      persist: true,
      propagation_policy: null,
      ...nested("traces"),
    },
  };
}
