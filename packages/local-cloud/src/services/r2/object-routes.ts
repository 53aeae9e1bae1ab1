import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import type { DataPlane, R2Data, R2ObjectData } from "../../core/service.ts";
import { keyTooLong, objectNotFound, objectTooLarge } from "./errors.ts";
import { jurisdictionOf } from "./routes.ts";
import { type BucketStore, StorageClass } from "./store.ts";

/** Bytes in one upload without parts: 300 MiB over the REST API. */
const MAX_UPLOAD_BYTES = 300 * 1024 * 1024;

const ListQuery = z.object({
  prefix: z.string().optional(),
  delimiter: z.string().optional(),
  cursor: z.string().optional(),
  start_after: z.string().optional(),
  per_page: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** HTTP headers an object keeps, and R2's names for them. */
const KEPT_HEADERS = {
  "content-type": "contentType",
  "content-language": "contentLanguage",
  "content-disposition": "contentDisposition",
  "content-encoding": "contentEncoding",
  "cache-control": "cacheControl",
  expires: "cacheExpiry",
} as const;

/**
 * The objects of a bucket, below `/r2/buckets/:bucket/objects`.
 *
 * @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/objects/
 */
export function objectRoutes(dataPlane: DataPlane, buckets: BucketStore): Hono {
  const routes = new Hono();
  routes.onError(failure);

  const dataOf = async (context: Context): Promise<R2Data> => {
    const accountId = accountOf(context);
    const { name } = buckets.get(accountId, context.req.param("bucket") ?? "", jurisdictionOf(context));
    return await dataPlane.r2(accountId, name);
  };

  routes.get("/:bucket/objects", async (context) => {
    const query = ListQuery.parse(context.req.query());
    const found = await (await dataOf(context)).list({
      limit: query.per_page,
      ...(query.prefix && { prefix: query.prefix }),
      ...(query.delimiter && { delimiter: query.delimiter }),
      ...(query.cursor && { cursor: query.cursor }),
      ...(query.start_after && { startAfter: query.start_after }),
    });
    return context.json({
      success: true,
      errors: [],
      messages: [],
      result: found.objects.map(describe),
      result_info: {
        per_page: query.per_page,
        cursor: found.cursor ?? "",
        is_truncated: found.truncated,
        delimited: found.delimitedPrefixes,
      },
    });
  });

  routes.on(["GET", "HEAD"], "/:bucket/objects/:key{.+}", async (context) => {
    const data = await dataOf(context);
    const key = keyOf(context);
    // Hono answers HEAD with the GET route, so the method is asked for here: a HEAD must not read the body.
    const object = context.req.raw.method === "HEAD" ? await data.head(key) : await data.get(key);
    if (object === null) throw objectNotFound();
    const headers = headersOf(object);
    if (context.req.header("if-none-match") === object.httpEtag) {
      // A body that nobody reads would keep its connection.
      if ("body" in object) await (object.body as ReadableStream).cancel();
      return new Response(null, { status: 304, headers });
    }
    return new Response("body" in object ? (object.body as ReadableStream<Uint8Array>) : null, { headers });
  });

  routes.put("/:bucket/objects/:key{.+}", async (context) => {
    const key = keyOf(context);
    if (Number(context.req.header("content-length") ?? 0) > MAX_UPLOAD_BYTES) throw objectTooLarge(MAX_UPLOAD_BYTES);
    const accountId = accountOf(context);
    const bucket = buckets.get(accountId, context.req.param("bucket"), jurisdictionOf(context));
    const storageClass = StorageClass.parse(context.req.header("cf-r2-storage-class") ?? bucket.storage_class);
    const data = await dataPlane.r2(accountId, bucket.name);
    const httpMetadata = metadataOf(context);
    const object = await data.put(key, context.req.raw.body ?? new Uint8Array(), { httpMetadata, storageClass });
    return ok(context, {
      key: object.key,
      etag: object.etag,
      size: String(object.size),
      storage_class: storageClass,
      uploaded: object.uploaded.toISOString(),
      version: object.etag,
    });
  });

  routes.delete("/:bucket/objects/:key{.+}", async (context) => {
    const key = keyOf(context);
    await (await dataOf(context)).delete(key);
    return ok(context, { key });
  });
  return routes;
}

function keyOf(context: Context): string {
  const key = context.req.param("key") ?? "";
  if (Buffer.byteLength(key) > 1024) throw keyTooLong();
  return key;
}

function metadataOf(context: Context): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [header, name] of Object.entries(KEPT_HEADERS)) {
    const value = context.req.header(header);
    if (value !== undefined) metadata[name] = name === "cacheExpiry" ? new Date(value).toISOString() : value;
  }
  return metadata;
}

function headersOf(object: R2ObjectData): Headers {
  const headers = new Headers({
    etag: object.httpEtag,
    "content-length": String(object.size),
    "last-modified": object.uploaded.toUTCString(),
    "content-type": "application/octet-stream",
  });
  for (const [header, name] of Object.entries(KEPT_HEADERS)) {
    const value = object.httpMetadata?.[name];
    if (typeof value === "string" && name !== "cacheExpiry") headers.set(header, value);
    if (name === "cacheExpiry" && value) headers.set(header, new Date(value as string).toUTCString());
  }
  if (object.storageClass) headers.set("cf-r2-storage-class", object.storageClass);
  return headers;
}

/** One object of a list. */
function describe(object: R2ObjectData) {
  return {
    key: object.key,
    etag: object.etag,
    last_modified: object.uploaded.toISOString(),
    size: object.size,
    http_metadata: object.httpMetadata ?? {},
    custom_metadata: object.customMetadata ?? {},
    storage_class: object.storageClass || "Standard",
  };
}
