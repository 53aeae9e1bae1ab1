import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { type BucketStore, Jurisdiction, StorageClass } from "./store.ts";

const CreateBody = z.object({
  name: z.string(),
  locationHint: z.string().nullish(),
  storageClass: StorageClass.nullish(),
  jurisdiction: Jurisdiction.nullish(),
});

const ListQuery = z.object({
  name_contains: z.string().optional(),
  start_after: z.string().optional(),
  cursor: z.string().optional(),
  per_page: z.coerce.number().int().min(1).max(1000).default(20),
  order: z.literal("name").optional(),
  direction: z.enum(["asc", "desc"]).default("asc"),
});

/** The jurisdiction a request is for; each has buckets of its own. */
export function jurisdictionOf(context: Context): Jurisdiction {
  return Jurisdiction.parse(context.req.header("cf-r2-jurisdiction") ?? "default");
}

/**
 * The buckets.
 *
 * @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/
 */
export function bucketRoutes(buckets: BucketStore): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/", (context) => {
    const query = ListQuery.parse(context.req.query());
    const sorted = buckets
      .list(accountOf(context), jurisdictionOf(context))
      .filter(({ name }) => name.includes(query.name_contains ?? ""));
    if (query.direction === "desc") sorted.reverse();
    const after = query.cursor ? Buffer.from(query.cursor, "base64url").toString() : query.start_after;
    const isAfter = (name: string) => after === undefined || (query.direction === "asc" ? name > after : name < after);
    const rest = sorted.filter(({ name }) => isAfter(name));
    const page = rest.slice(0, query.per_page);
    const last = page.at(-1);
    const cursor = last && rest.length > page.length ? Buffer.from(last.name).toString("base64url") : undefined;
    return ok(context, { buckets: page }, { per_page: query.per_page, ...(cursor !== undefined && { cursor }) });
  });
  routes.post("/", async (context) => {
    const body = await jsonBody(context, CreateBody);
    const bucket = buckets.create(accountOf(context), {
      name: body.name,
      ...(body.locationHint && { location: body.locationHint }),
      storageClass: body.storageClass ?? "Standard",
      jurisdiction: body.jurisdiction ?? jurisdictionOf(context),
    });
    return ok(context, bucket);
  });
  routes.get("/:bucket", (context) =>
    ok(context, buckets.get(accountOf(context), context.req.param("bucket"), jurisdictionOf(context))),
  );
  routes.patch("/:bucket", (context) => {
    const storageClass = StorageClass.parse(context.req.header("cf-r2-storage-class"));
    const name = context.req.param("bucket");
    return ok(context, buckets.setStorageClass(accountOf(context), name, storageClass, jurisdictionOf(context)));
  });
  routes.delete("/:bucket", async (context) => {
    await buckets.delete(accountOf(context), context.req.param("bucket"), jurisdictionOf(context));
    return ok(context, {});
  });
  return routes;
}
