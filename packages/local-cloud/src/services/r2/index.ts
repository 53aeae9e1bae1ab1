import { Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import type { DataPlane, Service, ServiceContext } from "../../core/service.ts";
import { bindingBucketNotFound } from "./errors.ts";
import { objectRoutes } from "./object-routes.ts";
import { bucketRoutes } from "./routes.ts";
import { BucketStore, Jurisdiction } from "./store.ts";

const R2Binding = z.object({ bucket_name: z.string(), jurisdiction: Jurisdiction.nullish() });

/** R2. The runtime simulates the objects; this service owns the buckets. */
export function r2(ctx: ServiceContext, dataPlane: DataPlane): Service {
  const buckets = new BucketStore(ctx, dataPlane);
  const routes = new Hono();
  routes.route("/r2/buckets", bucketRoutes(buckets));
  routes.route("/r2/buckets", objectRoutes(dataPlane, buckets));
  return {
    name: "r2",
    routes,
    bindings: {
      r2_bucket(accountId, binding) {
        const { bucket_name: name, jurisdiction } = R2Binding.parse(binding);
        try {
          return { type: "r2", bucketName: buckets.get(accountId, name, jurisdiction ?? "default").name };
        } catch (error) {
          throw error instanceof ApiError ? bindingBucketNotFound(name) : error;
        }
      },
    },
    resources: (accountId) => buckets.list(accountId).map(({ name }) => ({ type: "r2", bucketName: name })),
    summaries: (accountId) =>
      buckets
        .list(accountId)
        .map(({ name, creation_date }) => ({ product: "r2", id: name, name, createdOn: creation_date })),
  };
}
