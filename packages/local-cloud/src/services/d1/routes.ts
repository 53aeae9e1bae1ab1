import { Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { notEmulated } from "../../core/api-error.ts";
import { failure, ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import { type DatabaseStore, ReadReplication } from "./store.ts";

const CreateBody = z.object({
  name: z.string(),
  primary_location_hint: z.enum(["wnam", "enam", "weur", "eeur", "apac", "oc"]).nullish(),
  jurisdiction: z.enum(["eu", "fedramp", "us"]).nullish(),
  read_replication: ReadReplication.nullish(),
});

const UpdateBody = z.object({ read_replication: ReadReplication });
const EditBody = UpdateBody.partial();

/**
 * The databases.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/
 */
export function databaseRoutes(databases: DatabaseStore): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/", (context) => {
    const { items, info } = pageOf(context, databases.list(accountOf(context), context.req.query("name")), 100);
    // A list says less of each than a single answer.
    return ok(
      context,
      items.map(({ running_in_region: _region, read_replication: _replication, ...database }) => database),
      info,
    );
  });
  routes.post("/", async (context) => {
    const body = await jsonBody(context, CreateBody);
    const database = databases.create(accountOf(context), {
      name: body.name,
      ...(body.primary_location_hint && { location: body.primary_location_hint }),
      ...(body.jurisdiction && { jurisdiction: body.jurisdiction }),
      ...(body.read_replication && { replication: body.read_replication }),
    });
    return ok(context, database);
  });
  routes.get("/:id", (context) => {
    const database = databases.get(accountOf(context), context.req.param("id"));
    const fields = context.req.queries("fields")?.flatMap((names) => names.split(","));
    return ok(
      context,
      fields ? Object.fromEntries(Object.entries(database).filter(([key]) => fields.includes(key))) : database,
    );
  });
  routes.put("/:id", async (context) => {
    const { read_replication: replication } = await jsonBody(context, UpdateBody);
    return ok(context, databases.replicate(accountOf(context), context.req.param("id"), replication));
  });
  routes.patch("/:id", async (context) => {
    const { read_replication: replication } = await jsonBody(context, EditBody);
    const id = context.req.param("id");
    const accountId = accountOf(context);
    return ok(context, replication ? databases.replicate(accountId, id, replication) : databases.get(accountId, id));
  });
  routes.delete("/:id", async (context) => {
    await databases.delete(accountOf(context), context.req.param("id"));
    return ok(context, null);
  });
  routes.all("/:id/time_travel/*", () => {
    throw notEmulated("D1 time travel");
  });
  return routes;
}
