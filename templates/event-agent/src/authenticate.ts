import { bearerKey, hashApiKey } from "@tenner/worker-kit/api-keys";
import { Problem } from "@tenner/worker-kit/problem";
import { timingSafeEqual } from "@tenner/worker-kit/timing-safe";
import type { MiddlewareHandler } from "hono";
import { KeyStore } from "./adapters/key-store.ts";
import type { Caller } from "./domain/api-key.ts";
import type { HttpEnv } from "./http-env.ts";

/** Who comes first: a tenant's key, or one that may also make and revoke keys. */
export const guards: Readonly<Record<"tenant" | "submission" | "admin", MiddlewareHandler<HttpEnv>>> = {
  async tenant(c, next) {
    c.set("caller", await caller(c.env, c.req.header("authorization")));
    await next();
  },

  async submission(c, next) {
    const who = await caller(c.env, c.req.header("authorization"));
    c.set("caller", who);
    await limitSubmissions(c.env, `key:${who.keyId}`);
    await next();
  },

  async admin(c, next) {
    const who = await caller(c.env, c.req.header("authorization"));
    if (who.scope !== "admin") throw new Problem(403, "admin_only", "this key may not manage keys");
    c.set("caller", who);
    await next();
  },
};

/** Counts a submission. @throws Problem 429 */
export async function limitSubmissions(env: Env, key: string): Promise<void> {
  const { success } = await env.SUBMISSIONS.limit({ key });
  if (success) return;
  throw new Problem(429, "rate_limited", "too many submissions in this minute", { headers: { "retry-after": "60" } });
}

/**
 * The caller by its key. The program's own key is compared first; without that secret nobody gets in by it.
 *
 * @throws Problem 401
 */
async function caller(env: Env, authorization: string | undefined): Promise<Caller> {
  const key = bearerKey(authorization);
  if (key !== null) {
    if (env.API_KEY && (await timingSafeEqual(key, env.API_KEY))) {
      return { keyId: "key_program", tenant: "default", scope: "admin" };
    }
    const known = await new KeyStore(env.DB).callerOf(await hashApiKey(key));
    if (known) return known;
  }
  throw new Problem(401, "unauthorized", "send a valid API key as Authorization: Bearer tnr_…", {
    headers: { "www-authenticate": 'Bearer realm="event-agent"' },
  });
}
