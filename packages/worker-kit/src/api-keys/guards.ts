import type { Env as HonoEnv, MiddlewareHandler } from "hono";
import { Problem } from "../problem.ts";
import { timingSafeEqual } from "../timing-safe.ts";
import type { Caller } from "./contract.ts";
import { KeyStore } from "./key-store.ts";
import { bearerKey, hashApiKey } from "./key-text.ts";

/** What a template binds to have API keys. */
export interface ApiKeyBindings {
  /** Has the table of `migrations/api-keys`. */
  readonly DB: D1Database;
  /** The program's own key: tenant "default", scope "admin". */
  readonly API_KEY: string;
  readonly SUBMISSIONS: RateLimit;
}

/** A Hono environment with API keys; the guards set `caller`. */
export interface ApiKeyEnv extends HonoEnv {
  Bindings: ApiKeyBindings;
  Variables: { caller: Caller };
}

/**
 * Who comes first at an endpoint: a tenant's key; one whose submissions are counted; one that may make and revoke keys.
 *
 * @param realm the template's name, for `www-authenticate`
 */
export function apiKeyGuards<E extends ApiKeyEnv>(
  realm: string,
): Readonly<Record<"tenant" | "submission" | "admin", MiddlewareHandler<E>>> {
  return {
    async tenant(c, next) {
      c.set("caller", await caller(c.env, c.req.header("authorization"), realm));
      await next();
    },

    async submission(c, next) {
      const who = await caller(c.env, c.req.header("authorization"), realm);
      c.set("caller", who);
      await limitSubmissions(c.env, `key:${who.keyId}`);
      await next();
    },

    async admin(c, next) {
      const who = await caller(c.env, c.req.header("authorization"), realm);
      if (who.scope !== "admin") throw new Problem(403, "admin_only", "this key may not manage keys");
      c.set("caller", who);
      await next();
    },
  };
}

/** Counts a submission. @throws Problem 429 */
export async function limitSubmissions(env: Pick<ApiKeyBindings, "SUBMISSIONS">, key: string): Promise<void> {
  const { success } = await env.SUBMISSIONS.limit({ key });
  if (success) return;
  throw new Problem(429, "rate_limited", "too many submissions in this minute", { headers: { "retry-after": "60" } });
}

/**
 * The caller by its key. The program's own key is compared first; without that secret nobody gets in by it.
 *
 * @throws Problem 401
 */
async function caller(env: ApiKeyBindings, authorization: string | undefined, realm: string): Promise<Caller> {
  const key = bearerKey(authorization);
  if (key !== null) {
    if (env.API_KEY && (await timingSafeEqual(key, env.API_KEY))) {
      return { keyId: "key_program", tenant: "default", scope: "admin" };
    }
    const known = await new KeyStore(env.DB).callerOf(await hashApiKey(key));
    if (known) return known;
  }
  throw new Problem(401, "unauthorized", "send a valid API key as Authorization: Bearer tnr_…", {
    headers: { "www-authenticate": `Bearer realm="${realm}"` },
  });
}
