import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { errors } from "./errors.ts";
import { ALL_TYPES, sourceOf } from "./script-routes.ts";
import type { Scripts } from "./scripts.ts";
import type { Script } from "./store.ts";

const Secret = z.object({
  name: z.string().min(1),
  text: z.string(),
  type: z.literal("secret_text", { error: 'only secrets of type "secret_text" are emulated' }).default("secret_text"),
});

/**
 * Secrets of a script. Each change is a new version, deployed. Their texts are never answered.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/
 */
export function secretRoutes(scripts: Scripts): Hono {
  const routes = new Hono();
  const find = (context: Context): Script => scripts.get(accountOf(context), context.req.param("script") ?? "");
  const names = (script: Script) =>
    (scripts.store.latestVersion(script.accountId, script.name)?.settings.bindings ?? [])
      .filter(({ type }) => type === "secret_text")
      .map(({ name, type }) => ({ name, type }));

  routes.get("/scripts/:script/secrets", (context) => ok(context, names(find(context))));

  routes.get("/scripts/:script/secrets/:name", (context) => {
    const wanted = decodeURIComponent(context.req.param("name"));
    const found = names(find(context)).find(({ name }) => name === wanted);
    if (found === undefined) throw errors.secretNotFound(wanted);
    return ok(context, found);
  });

  routes.put("/scripts/:script/secrets", async (context) => {
    const script = find(context);
    const secret = await jsonBody(context, Secret);
    await scripts.changeVersion(
      script,
      { bindings: [secret], keep_bindings: ALL_TYPES },
      { source: sourceOf(context), triggeredBy: "secret" },
    );
    return ok(context, { name: secret.name, type: secret.type });
  });

  routes.delete("/scripts/:script/secrets/:name", async (context) => {
    const script = find(context);
    const wanted = decodeURIComponent(context.req.param("name"));
    if (!names(script).some(({ name }) => name === wanted)) throw errors.secretNotFound(wanted);
    const latest = scripts.store.latestVersion(script.accountId, script.name);
    const bindings = (latest?.settings.bindings ?? [])
      .filter(({ name }) => name !== wanted)
      .map(({ name }) => ({ name, type: "inherit" }));
    await scripts.changeVersion(script, { bindings }, { source: sourceOf(context), triggeredBy: "secret" });
    return ok(context, null);
  });

  return routes;
}
