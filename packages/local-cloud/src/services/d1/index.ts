import { Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import type { DataPlane, Service, ServiceContext } from "../../core/service.ts";
import { bindingDatabaseNotFound } from "./errors.ts";
import { queryRoutes } from "./query-routes.ts";
import { databaseRoutes } from "./routes.ts";
import { DatabaseStore } from "./store.ts";
import { TransferFiles } from "./transfer-files.ts";
import { transferRoutes } from "./transfer-routes.ts";

/** Uploads say `id`, newer clients `database_id`. */
const D1Binding = z.union([
  z.object({ id: z.string() }).transform(({ id }) => id),
  z.object({ database_id: z.string() }).transform(({ database_id }) => database_id),
]);

/** D1. The runtime runs the SQL; this service owns the databases, imports and exports. */
export function d1(ctx: ServiceContext, dataPlane: DataPlane): Service {
  const databases = new DatabaseStore(ctx, dataPlane);
  const files = new TransferFiles(ctx);
  const routes = new Hono();
  const signedUrl = (context: { req: { url: string } }, token: string) =>
    new URL(`/_signed/d1/${token}`, context.req.url).href;
  routes.route("/d1/database", databaseRoutes(databases));
  routes.route("/d1/database", queryRoutes(dataPlane, databases));
  routes.route("/d1/database", transferRoutes({ ctx, dataPlane, databases, files, signedUrl }));
  return {
    name: "d1",
    routes,
    signedRoutes: files.routes(),
    bindings: {
      d1(accountId, binding) {
        const id = D1Binding.parse(binding);
        try {
          return { type: "d1", databaseId: databases.get(accountId, id).uuid };
        } catch (error) {
          throw error instanceof ApiError ? bindingDatabaseNotFound(binding.name, id) : error;
        }
      },
    },
    resources: (accountId) => databases.list(accountId).map(({ uuid }) => ({ type: "d1", databaseId: uuid })),
    summaries: (accountId) =>
      databases
        .list(accountId)
        .map(({ uuid, name, created_at }) => ({ product: "d1", id: uuid, name, createdOn: created_at })),
  };
}
