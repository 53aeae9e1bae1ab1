import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import { dynamicRoutes } from "./dynamic-routes.ts";
import { gatewayFailure } from "./errors.ts";
import type { Gateway } from "./gateway.ts";
import { GatewaySettings, NewGateway, unenforced } from "./gateway-body.ts";
import { logRoutes } from "./log-routes.ts";
import type { GatewayStores } from "./state.ts";

const ListQuery = z.object({ search: z.string().optional() });

/**
 * The gateways, with what is below them.
 *
 * @see https://developers.cloudflare.com/api/resources/ai_gateway/
 */
export function gatewayRoutes(state: GatewayStores): Hono {
  const { gateways } = state;
  const routes = new Hono();
  routes.onError(gatewayFailure);
  routes.get("/", (context) => {
    const { search } = ListQuery.parse(context.req.query());
    const { items, info } = pageOf(context, gateways.list(accountOf(context), search));
    return ok(context, items, info);
  });
  routes.post("/", async (context) => {
    const body = await jsonBody(context, NewGateway);
    return answer(context, gateways.create(accountOf(context), body), unenforced(body));
  });
  routes.get("/:gateway", (context) => ok(context, gateways.get(accountOf(context), context.req.param("gateway"))));
  routes.put("/:gateway", async (context) => {
    const body = await jsonBody(context, GatewaySettings);
    return answer(context, gateways.replace(accountOf(context), context.req.param("gateway"), body), unenforced(body));
  });
  routes.delete("/:gateway", (context) =>
    ok(context, state.deleteGateway(accountOf(context), context.req.param("gateway"))),
  );
  routes.route("/:gateway/routes", dynamicRoutes(state));
  routes.route("/:gateway/logs", logRoutes(state));
  return routes;
}

/** What is kept and not acted on is said in `messages`. */
function answer(context: Context, gateway: Gateway, remarks: readonly string[]): Response {
  const messages = remarks.map((message) => ({ code: 7501, message }));
  return context.json({ success: true, errors: [], messages, result: gateway });
}
