import { Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import { NamespaceOrder, type NamespaceStore } from "./store.ts";

const TitleBody = z.object({ title: z.string().max(512) });

/**
 * The namespaces.
 *
 * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/
 */
export function namespaceRoutes(namespaces: NamespaceStore): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/", (context) => {
    const all = namespaces.list(accountOf(context), NamespaceOrder.parse(context.req.query()));
    const { items, info } = pageOf(context, all);
    return ok(context, items, info);
  });
  routes.post("/", async (context) => {
    const { title } = await jsonBody(context, TitleBody);
    return ok(context, namespaces.create(accountOf(context), title));
  });
  routes.get("/:id", (context) => ok(context, namespaces.get(accountOf(context), context.req.param("id"))));
  routes.put("/:id", async (context) => {
    const { title } = await jsonBody(context, TitleBody);
    return ok(context, namespaces.rename(accountOf(context), context.req.param("id"), title));
  });
  routes.delete("/:id", async (context) => {
    await namespaces.delete(accountOf(context), context.req.param("id"));
    return ok(context, null);
  });
  return routes;
}
