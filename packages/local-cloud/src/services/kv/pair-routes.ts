import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { DataPlane, KvData, ServiceContext } from "../../core/service.ts";
import { invalidLimit, invalidPair } from "./errors.ts";
import { BulkGet, BulkPair, deleteBulk, ExpiryQuery, readBulk, readPair, writeBulk, writePair } from "./pairs.ts";
import type { NamespaceStore } from "./store.ts";

const ListQuery = z.object({
  prefix: z.string().optional(),
  limit: z.coerce.number().optional(),
  cursor: z.string().optional(),
});

/**
 * The pairs of a namespace, below `/storage/kv/namespaces/:id`.
 *
 * @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/
 */
export function pairRoutes(ctx: ServiceContext, dataPlane: DataPlane, namespaces: NamespaceStore): Hono {
  const routes = new Hono();
  routes.onError(failure);

  const dataOf = async (context: Context): Promise<KvData> => {
    const accountId = accountOf(context);
    return await dataPlane.kv(accountId, namespaces.get(accountId, context.req.param("id") ?? "").id);
  };

  routes.get("/:id/values/:key{.+}", async (context) => {
    const pair = await readPair(await dataOf(context), context.req.param("key"));
    return context.body(pair.value, 200, {
      "content-type": "application/octet-stream",
      ...(pair.expiration !== undefined && { expiration: String(pair.expiration) }),
    });
  });
  routes.put("/:id/values/:key{.+}", async (context) => {
    const expiry = definedOf(ExpiryQuery.parse(context.req.query()));
    const body = await pairBody(context);
    await writePair(await dataOf(context), context.req.param("key"), { ...body, expiry }, ctx.clock.now());
    return ok(context, null);
  });
  routes.delete("/:id/values/:key{.+}", async (context) => {
    await (await dataOf(context)).delete(context.req.param("key"));
    return ok(context, null);
  });
  routes.get("/:id/metadata/:key{.+}", async (context) => {
    const { metadata } = await readPair(await dataOf(context), context.req.param("key"));
    return ok(context, metadata);
  });
  routes.get("/:id/keys", async (context) => {
    const query = ListQuery.parse(context.req.query());
    const limit = query.limit ?? 1000;
    if (!Number.isInteger(limit) || limit < 10 || limit > 1000) throw invalidLimit();
    const found = await (await dataOf(context)).list({
      limit,
      ...(query.prefix && { prefix: query.prefix }),
      ...(query.cursor && { cursor: query.cursor }),
    });
    return ok(context, found.keys, {
      count: found.keys.length,
      cursor: found.list_complete ? "" : (found.cursor ?? ""),
    });
  });

  routes.put("/:id/bulk", async (context) => {
    const pairs = await jsonBody(context, z.array(BulkPair));
    return ok(context, done(await writeBulk(await dataOf(context), pairs, ctx.clock.now())));
  });
  // wrangler deletes with the first form, the SDK with the second.
  const removeBulk = async (context: Context) => {
    const keys = await jsonBody(context, z.array(z.union([z.string(), z.object({ name: z.string() })])));
    const names = keys.map((key) => (typeof key === "string" ? key : key.name));
    return ok(context, done(await deleteBulk(await dataOf(context), names)));
  };
  routes.delete("/:id/bulk", removeBulk);
  routes.post("/:id/bulk/delete", removeBulk);
  routes.post("/:id/bulk/get", async (context) => {
    const wanted = await jsonBody(context, BulkGet);
    return ok(context, { values: await readBulk(await dataOf(context), wanted) });
  });
  return routes;
}

const done = (count: number) => ({ successful_key_count: count, unsuccessful_keys: [] });

/** The value is the whole body, or with metadata the part `value` of a form. */
async function pairBody(context: Context): Promise<{ value: Uint8Array; metadata?: unknown }> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return { value: new Uint8Array(await context.req.arrayBuffer()) };
  const form = await context.req.formData().catch((cause: unknown) => {
    throw invalidPair(`the form cannot be read: ${(cause as Error).message}`);
  });
  const value = form.get("value");
  if (value === null) throw invalidPair("the form has no part named value");
  const bytes = typeof value === "string" ? Buffer.from(value) : new Uint8Array(await value.arrayBuffer());
  const metadata = form.get("metadata");
  return metadata === null ? { value: bytes } : { value: bytes, metadata: parseMetadata(await textOf(metadata)) };
}

const textOf = async (part: string | File) => (typeof part === "string" ? part : await part.text());

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidPair("Metadata must be valid JSON");
  }
}

/** Without the fields that are undefined. */
function definedOf<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
