import { randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.ts";

/** What the Pulumi provider takes for an API token. */
const SHAPE = /^[0-9A-Za-z_-]{40,80}$/;

/**
 * The API token of a folder's cloud, kept in `<directory>/token` with mode 0600.
 *
 * @param wanted a token to use from now on.
 */
export function readOrMakeToken(directory: string, wanted?: string): string {
  const file = join(directory, "token");
  if (wanted !== undefined && !SHAPE.test(wanted)) throw new TypeError(`an API token must match ${SHAPE}`);
  const known = existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  const token = wanted ?? (known !== undefined && SHAPE.test(known) ? known : randomBytes(30).toString("base64url"));
  if (token !== known) writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/**
 * Lets only requests with the token pass.
 *
 * @param exempt requests that prove themselves in another way.
 */
export function requireToken(token: string, exempt: (path: string) => boolean): MiddlewareHandler {
  const wanted = Buffer.from(token);
  return async (context, next) => {
    const given = /^Bearer (.+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
    if (exempt(context.req.path)) return next();
    if (given === undefined) throw new ApiError(401, 10000, "Authentication error");
    const offered = Buffer.from(given);
    if (offered.length !== wanted.length || !timingSafeEqual(offered, wanted))
      throw new ApiError(403, 10000, "Authentication error");
    return next();
  };
}
