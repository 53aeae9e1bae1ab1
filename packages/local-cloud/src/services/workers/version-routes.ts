import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import type { PlanLimits } from "../../core/plan.ts";
import { jsonBody } from "../../core/request-body.ts";
import { deploymentAnswer, versionAnswer, versionItem } from "./answers.ts";
import { errors } from "./errors.ts";
import { sourceOf } from "./script-routes.ts";
import type { Scripts } from "./scripts.ts";
import type { Script } from "./store.ts";
import { readUpload } from "./upload.ts";

const DeploymentRequest = z.object({
  strategy: z.literal("percentage", { error: 'only strategy "percentage" exists' }).default("percentage"),
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number().min(0).max(100) })).min(1),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/**
 * Versions and deployments of a script.
 *
 * @see https://developers.cloudflare.com/workers/configuration/versions-and-deployments/
 */
export function versionRoutes(scripts: Scripts, limits: (accountId: string) => PlanLimits): Hono {
  const routes = new Hono();
  const find = (context: Context): Script => scripts.get(accountOf(context), context.req.param("script") ?? "");

  routes.get("/scripts/:script/versions", (context) => {
    const script = find(context);
    const versions = scripts.store.versions(script.accountId, script.name);
    const { items, info } = pageOf(context, versions, 10);
    return ok(context, { items: items.map(versionItem) }, info);
  });

  routes.post("/scripts/:script/versions", async (context) => {
    const { accountId, name } = find(context);
    const upload = await readUpload(context, limits(accountId));
    const request = { upload, source: sourceOf(context), deploy: false, triggeredBy: "version_upload" };
    const version = await scripts.addVersion(accountId, name, request);
    return ok(context, versionAnswer(scripts, scripts.get(accountId, name), version));
  });

  routes.get("/scripts/:script/versions/:version", (context) => {
    const script = find(context);
    const id = context.req.param("version");
    const version = scripts.store.version(script.accountId, script.name, id);
    if (version === undefined) throw errors.versionNotFound(id);
    return ok(context, versionAnswer(scripts, script, version));
  });

  routes.get("/scripts/:script/deployments", (context) => {
    const script = find(context);
    const deployments = scripts.store.deployments(script.accountId, script.name).slice(0, 10);
    return ok(context, { deployments: deployments.map(deploymentAnswer) });
  });

  routes.post("/scripts/:script/deployments", async (context) => {
    const script = find(context);
    const { versions, annotations } = await jsonBody(context, DeploymentRequest);
    const deployment = scripts.deploy(script, versions, {
      source: sourceOf(context),
      annotations: { "workers/triggered_by": "deployment", ...annotations },
    });
    return ok(context, deploymentAnswer(deployment));
  });

  routes.get("/scripts/:script/deployments/:deployment", (context) => {
    const script = find(context);
    const id = context.req.param("deployment");
    const found = scripts.store.deployments(script.accountId, script.name).find((deployment) => deployment.id === id);
    if (found === undefined) throw errors.deploymentNotFound(id);
    return ok(context, deploymentAnswer(found));
  });

  return routes;
}
