import { Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import type { WorkersStore } from "./store.ts";

/** What the routes need of the runtime. */
interface ObjectRuntime {
  storedObjects(accountId: string, namespaceId: string): Promise<readonly string[]>;
}

const ObjectsQuery = z.object({
  limit: z.coerce.number().int().min(10).max(10_000).default(1_000),
  /** The last object of the page before. */
  cursor: z.string().default(""),
});

/** Durable Object namespaces and their objects. @see https://developers.cloudflare.com/api/resources/durable_objects/ */
export function objectRoutes(store: WorkersStore, runtime: ObjectRuntime): Hono {
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
  routes.get("/durable_objects/namespaces/:id/objects", async (context) => {
    const [accountId, id] = [accountOf(context), context.req.param("id")];
    if (!store.namespaces(accountId).some(({ namespaceId }) => namespaceId === id)) throw namespaceNotFound(id);
    const { limit, cursor } = ObjectsQuery.parse(context.req.query());
    const left = (await runtime.storedObjects(accountId, id)).filter((object) => object > cursor);
    const page = left.slice(0, limit);
    return ok(
      context,
      page.map((object) => ({ id: object, hasStoredData: true })),
      { count: page.length, cursors: { after: left.length > limit ? (page.at(-1) ?? "") : "" } },
    );
  });
  return routes;
}

const namespaceNotFound = (id: string) =>
  new ApiError(404, 10_066, `There is no Durable Object namespace with the id ${id}`);
