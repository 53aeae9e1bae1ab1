import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { timestamp } from "../../core/clock.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { invalidIndex, tooLarge, unknownContentType } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { type IndexStore, NewIndex } from "./store.ts";
import type { IndexName, Vectors } from "./vectors.ts";

const ListQuery = z.object({
  count: z.coerce.number().int().min(1).max(LIMITS.listPage).default(100),
  cursor: z.string().optional(),
});
const WriteQuery = z.object({ "unparsable-behavior": z.enum(["error", "discard"]).default("error") });

/**
 * Indexes and their vectors over REST.
 *
 * @see https://developers.cloudflare.com/api/resources/vectorize/subresources/indexes/
 */
export function vectorizeRoutes(indexes: IndexStore, vectors: Vectors): Hono {
  const routes = new Hono();
  routes.onError(failure);
  // One page holds all, as its clients expect.
  routes.get("/", (context) => {
    const page = z.coerce.number().int().min(1).catch(1).parse(context.req.query("page"));
    return ok(context, page === 1 ? indexes.list(accountOf(context)) : []);
  });
  routes.post("/", async (context) => {
    const body = await jsonBody(context, z.unknown());
    const parsed = NewIndex.safeParse(body);
    if (!parsed.success) throw invalidIndex(z.prettifyError(parsed.error));
    return ok(context, indexes.create(accountOf(context), parsed.data));
  });
  routes.get("/:name", (context) => ok(context, indexes.get(accountOf(context), context.req.param("name"))));
  routes.delete("/:name", async (context) => {
    await vectors.deleteIndex(nameOf(context));
    return ok(context, null);
  });
  routes.get("/:name/info", async (context) => ok(context, await vectors.info(nameOf(context))));
  metadataIndexRoutes(routes, vectors);
  vectorRoutes(routes, vectors);
  return routes;
}

function metadataIndexRoutes(routes: Hono, vectors: Vectors): void {
  routes.get("/:name/metadata_index/list", async (context) =>
    ok(context, await vectors.metadataIndexes(nameOf(context))),
  );
  routes.post("/:name/metadata_index/create", async (context) =>
    ok(context, await vectors.createMetadataIndex(nameOf(context), await context.req.text())),
  );
  routes.post("/:name/metadata_index/delete", async (context) =>
    ok(context, await vectors.deleteMetadataIndex(nameOf(context), await context.req.text())),
  );
}

function vectorRoutes(routes: Hono, vectors: Vectors): void {
  for (const operation of ["insert", "upsert"] as const) {
    routes.post(`/:name/${operation}`, async (context) => {
      const { "unparsable-behavior": behavior } = WriteQuery.parse(context.req.query());
      const options = { operation, limit: LIMITS.batchOverHttp, discardUnparsable: behavior === "discard" };
      return ok(context, await vectors.write(nameOf(context), await uploadOf(context), options));
    });
  }
  routes.post("/:name/query", async (context) =>
    ok(context, await vectors.query(nameOf(context), await context.req.text())),
  );
  routes.post("/:name/get_by_ids", async (context) =>
    ok(context, await vectors.getByIds(nameOf(context), await context.req.text())),
  );
  routes.post("/:name/delete_by_ids", async (context) =>
    ok(context, await vectors.deleteByIds(nameOf(context), await context.req.text())),
  );
  routes.get("/:name/list", async (context) => {
    const { count, cursor } = ListQuery.parse(context.req.query());
    const { ids, total, nextCursor, expires } = await vectors.list(nameOf(context), count, cursor);
    return ok(context, {
      count: ids.length,
      totalCount: total,
      isTruncated: nextCursor !== undefined,
      nextCursor: nextCursor ?? null,
      cursorExpirationTimestamp: expires === undefined ? null : timestamp(expires),
      vectors: ids.map((id) => ({ id })),
    });
  });
}

/** The NDJSON of an upload: the body, or (wrangler) the part `vectors` of a form. */
async function uploadOf(context: Context): Promise<Uint8Array> {
  const type = context.req.header("content-type") ?? "";
  const bytes = type.startsWith("multipart/form-data")
    ? await partOf(context)
    : type.includes("ndjson")
      ? await context.req.arrayBuffer()
      : undefined;
  if (!bytes) throw unknownContentType();
  if (bytes.byteLength > LIMITS.uploadBytes) throw tooLarge(LIMITS.uploadBytes);
  return new Uint8Array(bytes);
}

async function partOf(context: Context): Promise<ArrayBuffer | undefined> {
  let part: unknown;
  try {
    part = (await context.req.formData()).get("vectors");
  } catch (cause) {
    throw new ApiError(400, 1005, "vectorize.unknown_content_type - the form cannot be read", { cause });
  }
  return part instanceof File ? part.arrayBuffer() : undefined;
}

function nameOf(context: Context): IndexName {
  return { accountId: accountOf(context), name: context.req.param("name") ?? "" };
}
