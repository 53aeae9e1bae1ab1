import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError, diskFull, notEmulated } from "../../core/api-error.ts";
import { tooLarge } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { IndexName, Vectors } from "./vectors.ts";

/** The header that names the index of a binding: the wire itself does not. */
export const INDEX_HEADER = "x-local-vectorize-index";

/**
 * The wire of the Vectorize binding, as workerd's own `vectorize-api` speaks it.
 *
 * @see https://github.com/cloudflare/workerd/blob/main/src/cloudflare/internal/vectorize-api.ts
 */
export function vectorizeBackend(vectors: Vectors): Hono {
  const backend = new Hono();
  backend.onError((error, context) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500 && refusal.status !== 501) console.error(error);
    return context.json({ code: refusal.code, error: refusal.message }, refusal.status as ContentfulStatusCode);
  });
  backend.get("/info", async (context) => context.json(await vectors.info(nameOf(context))));
  backend.post("/query", async (context) =>
    context.json(await vectors.query(nameOf(context), await context.req.text())),
  );
  backend.post("/getByIds", async (context) =>
    context.json(await vectors.getByIds(nameOf(context), await context.req.text())),
  );
  backend.post("/deleteByIds", async (context) =>
    context.json(await vectors.deleteByIds(nameOf(context), await context.req.text())),
  );
  for (const operation of ["insert", "upsert"] as const) {
    backend.post(`/${operation}`, async (context) => {
      const body = new Uint8Array(await context.req.arrayBuffer());
      if (body.length > LIMITS.uploadBytes) throw tooLarge(LIMITS.uploadBytes);
      const options = { operation, limit: LIMITS.batchFromWorker, discardUnparsable: false };
      return context.json(await vectors.write(nameOf(context), body, options));
    });
  }
  backend.all("*", (context) => {
    throw notEmulated(`the Vectorize binding's ${context.req.method} ${context.req.path}`);
  });
  return backend;
}

function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Error && /ENOSPC|database or disk is full/.test(error.message)) return diskFull(error);
  return new ApiError(500, 10_002, "internal error of the local cloud: see its terminal", { cause: error });
}

function nameOf(context: Context): IndexName {
  return {
    accountId: context.req.header("x-local-account") ?? "",
    name: context.req.header(INDEX_HEADER) ?? "",
  };
}
