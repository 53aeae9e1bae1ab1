import { Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Service } from "../../core/service.ts";
import { errors } from "./errors.ts";
import type { AssetsStore } from "./store.ts";

export { AssetsStore } from "./store.ts";

const Hash = z.string().regex(/^[0-9a-zA-Z_-]{16,64}$/, "must be a hash of 32 hexadecimal digits");
const SessionRequest = z.object({
  manifest: z.record(z.string(), z.object({ hash: Hash, size: z.number().int().min(0) })),
});

/**
 * Static assets: upload sessions and files. The Workers service uses what was uploaded.
 *
 * @see https://developers.cloudflare.com/workers/static-assets/direct-upload/
 */
export function assets(store: AssetsStore): Service {
  const routes = new Hono();
  routes.post("/workers/scripts/:script/assets-upload-session", async (context) => {
    const { manifest } = await jsonBody(context, SessionRequest);
    return ok(context, store.openSession(accountOf(context), manifest));
  });
  routes.post("/workers/assets/upload", async (context) => {
    if (context.req.query("base64") !== "true") throw errors.malformed("only base64=true is supported");
    const token = (context.req.header("authorization") ?? "").replace(/^Bearer /i, "");
    const form = await context.req.formData().catch(() => {
      throw errors.malformed("the multipart body cannot be read");
    });
    const files = await Promise.all([...form].map(([hash, part]) => readFile(hash, part)));
    const jwt = store.addFiles(accountOf(context), token, files);
    return ok(context, jwt === undefined ? {} : { jwt }, undefined, jwt === undefined ? 202 : 201);
  });
  return { name: "assets", routes };
}

async function readFile(hash: string, part: File | string) {
  const base64 = typeof part === "string" ? part : await part.text();
  const type = typeof part === "string" ? "" : part.type;
  return {
    hash: Hash.parse(hash),
    contentType: type === "" || type === "application/null" ? "application/octet-stream" : type,
    contents: new Uint8Array(Buffer.from(base64, "base64")),
  };
}
