import { Hono } from "hono";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import type { WorkersStore } from "./store.ts";

/** Durable Object namespaces. @see https://developers.cloudflare.com/api/resources/durable_objects/ */
export function objectRoutes(store: WorkersStore): Hono {
  const routes = new Hono();
  routes.get("/durable_objects/namespaces", (context) => {
    const namespaces = store.namespaces(accountOf(context)).map(({ className, namespaceId, sqlite, script }) => ({
      id: namespaceId,
      class: className,
      name: `${script}_${className}`,
      script,
      use_sqlite: sqlite,
    }));
    const { items, info } = pageOf(context, namespaces);
    return ok(context, items, info);
  });
  return routes;
}
