import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { notEmulated } from "../../core/api-error.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import type { PlanLimits } from "../../core/plan.ts";
import { jsonBody } from "../../core/request-body.ts";
import { scriptAnswer, scriptSettingsAnswer, serviceAnswer, settingsAnswer } from "./answers.ts";
import { contentAnswer } from "./content.ts";
import { errors } from "./errors.ts";
import { Metadata, ScriptSettings } from "./metadata.ts";
import type { Scripts } from "./scripts.ts";
import type { Script } from "./store.ts";
import { readPart, readUpload, type UploadedModule } from "./upload.ts";

const Subdomain = z.object({ enabled: z.boolean(), previews_enabled: z.boolean().nullish() });
const AccountSubdomain = z.object({ subdomain: z.string().min(1) });
const ContentMetadata = z.object({ main_module: z.string() });

/**
 * Scripts: upload, settings, content, subdomain.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/
 */
export function scriptRoutes(scripts: Scripts, limits: (accountId: string) => PlanLimits): Hono {
  const routes = new Hono();
  const find = (context: Context): Script => scripts.get(accountOf(context), context.req.param("script") ?? "");

  routes.get("/scripts", (context) => {
    const found = scripts.store
      .scripts(accountOf(context))
      .map((script) => scriptAnswer(script, scripts.current(script)));
    const wanted = context.req.query("tags");
    return ok(context, wanted === undefined ? found : found.filter(({ tags }) => hasTags(tags, wanted)));
  });

  routes.get("/scripts-search", (context) => {
    const { name, id } = context.req.query();
    const found = scripts.store
      .scripts(accountOf(context))
      .filter((script) => (name === undefined || script.name.includes(name)) && (id === undefined || script.tag === id))
      .map((script) => ({
        ...scriptAnswer(script, scripts.current(script)),
        id: script.tag,
        script_name: script.name,
      }));
    const { items, info } = pageOf(context, found, 10);
    return ok(context, items, info);
  });

  routes.put("/scripts/:script", async (context) => {
    const accountId = accountOf(context);
    const name = context.req.param("script");
    const upload = await readUpload(context, limits(accountId));
    const version = await scripts.addVersion(accountId, name, {
      upload,
      source: sourceOf(context),
      deploy: true,
      triggeredBy: "upload",
    });
    const script = scripts.get(accountId, name);
    const { id: deploymentId } = scripts.store.currentDeployment(accountId, name) ?? { id: "" };
    return ok(context, {
      ...scriptAnswer(script, version),
      entry_point: version.mainModule,
      deployment_id: deploymentId,
    });
  });

  routes.get("/scripts/:script", (context) => {
    const script = find(context);
    const version = scripts.current(script);
    const main = version && scripts.store.modules(version.id).find(({ name }) => name === version.mainModule);
    if (main === undefined) return context.body(null, 204);
    return context.body(text(main), 200, { "content-type": "application/javascript" });
  });

  routes.delete("/scripts/:script", async (context) => {
    await scripts.delete(find(context), context.req.query("force") === "true");
    return ok(context, null);
  });

  routes.get("/services/:script", (context) => {
    const script = scripts.store.script(accountOf(context), context.req.param("script"));
    if (script === undefined) throw errors.serviceNotFound();
    return ok(context, serviceAnswer(script, scripts.current(script)));
  });

  routes.get("/services/:script/environments/:environment", (context) => {
    const script = scripts.store.script(accountOf(context), context.req.param("script"));
    if (script === undefined) throw errors.serviceNotFound();
    return ok(context, serviceAnswer(script, scripts.current(script)).default_environment);
  });

  routes.delete("/services/:script", async (context) => {
    const script = scripts.store.script(accountOf(context), context.req.param("script"));
    if (script === undefined) throw errors.serviceNotFound();
    await scripts.delete(script, context.req.query("force") === "true");
    return ok(context, null);
  });

  routes.get("/services/:script/environments/:environment/settings", (context) => {
    const script = find(context);
    return ok(context, settingsAnswer(scripts, script, scripts.current(script)));
  });

  routes.get("/services/:script/environments/:environment/bindings", (context) => {
    const script = find(context);
    return ok(context, settingsAnswer(scripts, script, scripts.current(script)).bindings);
  });

  routes.get("/scripts/:script/settings", (context) => {
    const script = find(context);
    return ok(context, settingsAnswer(scripts, script, scripts.current(script)));
  });

  routes.patch("/scripts/:script/settings", async (context) => {
    const script = find(context);
    const metadata = await readPart(context, "settings", Metadata);
    if (touchesVersion(metadata))
      await scripts.changeVersion(script, keepBindings(metadata), {
        source: sourceOf(context),
        triggeredBy: "settings",
      });
    else scripts.update(script, { settings: { ...script.settings, ...ScriptSettings.parse(metadata) } });
    const changed = find(context);
    return ok(context, settingsAnswer(scripts, changed, scripts.current(changed)));
  });

  routes.get("/scripts/:script/script-settings", (context) => ok(context, scriptSettingsAnswer(find(context))));

  routes.patch("/scripts/:script/script-settings", async (context) => {
    const script = find(context);
    const settings = await jsonBody(context, ScriptSettings);
    return ok(context, scriptSettingsAnswer(scripts.update(script, { settings: { ...script.settings, ...settings } })));
  });

  routes.get("/scripts/:script/content/v2", (context) => contentAnswer(scripts, find(context)));

  routes.put("/scripts/:script/content", async (context) => {
    const script = find(context);
    const upload = await readUpload(context, limits(script.accountId));
    const { main_module } = ContentMetadata.parse(upload.metadata);
    const version = scripts.store.latestVersion(script.accountId, script.name);
    const { compatibility_date, compatibility_flags } = version?.settings ?? {};
    const metadata = keepBindings({ main_module, compatibility_date, compatibility_flags, keep_assets: true });
    const request = { upload: { ...upload, metadata }, source: sourceOf(context), deploy: true, triggeredBy: "upload" };
    const added = await scripts.addVersion(script.accountId, script.name, request);
    return ok(context, scriptAnswer(find(context), added));
  });

  routes.get("/scripts/:script/usage-model", (context) => {
    return ok(context, { usage_model: scripts.current(find(context))?.settings.usage_model ?? "standard" });
  });

  const subdomain = (script: Script) => script.subdomain;
  routes.get("/scripts/:script/subdomain", (context) => ok(context, subdomain(find(context))));
  routes.post("/scripts/:script/subdomain", async (context) => {
    const script = find(context);
    const { enabled, previews_enabled: previews } = await jsonBody(context, Subdomain);
    const wanted = { enabled, previews_enabled: previews ?? enabled };
    return ok(context, subdomain(scripts.update(script, { subdomain: wanted })));
  });
  routes.delete("/scripts/:script/subdomain", (context) => {
    const none = { enabled: false, previews_enabled: false };
    return ok(context, subdomain(scripts.update(find(context), { subdomain: none })));
  });
  for (const path of ["/services/:script/environments/:environment/subdomain"] as const)
    routes.get(path, (context) => ok(context, subdomain(find(context))));

  routes.get("/subdomain", (context) => ok(context, { subdomain: subdomainOf(accountOf(context)) }));
  routes.put("/subdomain", async (context) => {
    const { subdomain: wanted } = await jsonBody(context, AccountSubdomain);
    const name = subdomainOf(accountOf(context));
    if (wanted !== name) throw notEmulated(`changing the account's workers.dev name from "${name}"`);
    return ok(context, { subdomain: name });
  });
  routes.get("/account-settings", (context) => ok(context, { default_usage_model: "standard", green_compute: false }));

  return routes;
}

/** Every account has a workers.dev name, which stands for nothing here: Workers have addresses of this machine. */
const subdomainOf = (accountId: string): string => `local-${accountId.slice(0, 8)}`;

/** What wrangler says of itself; others are `api`. */
export function sourceOf(context: Context): string {
  return (context.req.header("user-agent") ?? "").startsWith("wrangler") ? "wrangler" : "api";
}

/** Bindings that a change does not name stay. */
function keepBindings(metadata: Metadata): Metadata {
  return metadata.bindings ? metadata : { ...metadata, keep_bindings: ALL_TYPES };
}

/** Every type that can be in a version. */
export const ALL_TYPES = [
  "ai",
  "analytics_engine",
  "assets",
  "d1",
  "durable_object_namespace",
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
  "workflow",
];

function touchesVersion(metadata: Metadata): boolean {
  const { bindings, compatibility_date, compatibility_flags, limits, placement, migrations } = metadata;
  return [bindings, compatibility_date, compatibility_flags, limits, placement, migrations].some(Boolean);
}

function hasTags(tags: readonly string[], wanted: string): boolean {
  return wanted.split(",").every((pair) => {
    const [tag, answer] = pair.split(":");
    return tag === undefined || tags.includes(tag) === (answer !== "no");
  });
}

const text = ({ contents }: UploadedModule): string => new TextDecoder().decode(contents);
