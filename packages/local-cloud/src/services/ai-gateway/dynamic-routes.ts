import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import { gatewayFailure } from "./errors.ts";
import type { RouteAnswer } from "./route-store.ts";
import type { GatewayStores } from "./state.ts";

/** A route is called as `dynamic/NAME`. */
const Name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\s/]+$/, "has no spaces and no /: a call names it as dynamic/NAME");
/** Parsed for good where they are kept: the answer shows them as they were sent. */
const elements = z.array(z.unknown());
const NewRoute = z.object({ name: Name, elements });
const Rename = z.object({ name: Name });
const NewVersion = z.object({ elements });
const NewDeployment = z.object({ version_id: z.string().min(1) });

/**
 * The dynamic routes of a gateway, with their versions and deployments. Lists are in `data`, not in `result`.
 *
 * @see https://developers.cloudflare.com/api/resources/ai_gateway/subresources/dynamic_routing/
 */
export function dynamicRoutes({ gateways, routes: store }: GatewayStores): Hono {
  const routes = new Hono();
  routes.onError(gatewayFailure);
  const place = (context: Context): [accountId: string, gatewayId: string] => {
    const accountId = accountOf(context);
    return [accountId, gateways.get(accountId, context.req.param("gateway") ?? "").id];
  };

  routes.get("/", (context) => {
    const [accountId, gatewayId] = place(context);
    const { items, info } = pageOf(context, store.list(accountId, gatewayId));
    const listed = items.map((route) => ({ ...route, account_tag: accountId }));
    return list(context, "routes", listed, { ...info, order_by: "name", order_by_direction: "asc" });
  });
  routes.post("/", async (context) => {
    const body = await jsonBody(context, NewRoute);
    return ok(context, store.create(...place(context), body.name, body.elements));
  });
  routes.get("/:id", (context) => ok(context, store.get(...place(context), context.req.param("id"))));
  routes.patch("/:id", async (context) => {
    const { name } = await jsonBody(context, Rename);
    const [accountId, gatewayId] = place(context);
    const route = store.rename(accountId, gatewayId, context.req.param("id"), name);
    // Cloudflare's provider reads the fields beside `success`; without them there its state loses the route's id.
    const envelope = { success: true, errors: [], messages: [], result: route };
    return context.json({ ...route, ...envelope, route: { ...route, account_tag: accountId } });
  });
  routes.delete("/:id", (context) => ok(context, store.delete(...place(context), context.req.param("id"))));

  routes.get("/:id/versions", (context) => {
    const { items, info } = pageOf(context, store.versions(...place(context), context.req.param("id")));
    return list(context, "versions", items, newestFirst(info));
  });
  routes.post("/:id/versions", async (context) => {
    const body = await jsonBody(context, NewVersion);
    return ok(context, plain(store.addVersion(...place(context), context.req.param("id"), body.elements)));
  });
  routes.get("/:id/versions/:version", (context) => {
    const { id, version: versionId } = context.req.param();
    const route = store.get(...place(context), id);
    const version = store.version(...place(context), id, versionId);
    return ok(context, { ...plain(route), elements: JSON.parse(version.data) as unknown, ...version });
  });
  routes.get("/:id/deployments", (context) => {
    const { items, info } = pageOf(context, store.deployments(...place(context), context.req.param("id")));
    return list(context, "deployments", items, newestFirst(info));
  });
  routes.post("/:id/deployments", async (context) => {
    const body = await jsonBody(context, NewDeployment);
    return ok(context, plain(store.deploy(...place(context), context.req.param("id"), body.version_id)));
  });
  return routes;
}

interface ListInfo {
  page: number;
  per_page: number;
  order_by: string;
  order_by_direction: string;
}

function newestFirst({ page, per_page }: Pick<ListInfo, "page" | "per_page">): ListInfo {
  return { page, per_page, order_by: "created_at", order_by_direction: "desc" };
}

function list(context: Context, name: string, items: unknown[], info: ListInfo): Response {
  const { page, per_page, order_by, order_by_direction } = info;
  return context.json({ success: true, data: { [name]: items, page, per_page, order_by, order_by_direction } });
}

function plain({
  deployment: _deployment,
  version: _version,
  ...route
}: RouteAnswer): Omit<RouteAnswer, "deployment" | "version"> {
  return route;
}
