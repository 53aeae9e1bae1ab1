import type { Context, Env as HonoEnv, MiddlewareHandler } from "hono";
import { LONGEST_TOKEN, type TokenCallers } from "../access/token-callers.ts";
import { TokenRefused } from "../access/token-error.ts";
import { tokenProblem } from "../access/token-problem.ts";
import { Problem } from "../problem.ts";
import { isSameHash } from "../timing-safe.ts";
import type { Caller } from "./contract.ts";
import { KeyStore } from "./key-store.ts";
import { bearerKey, bearerToken, hashApiKey } from "./key-text.ts";

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

/** How callers are told apart. */
export interface GuardOptions<E extends ApiKeyEnv> {
  /** The template's name, for `www-authenticate`. */
  readonly realm: string;
  /** Who calls by a token; undefined where none are taken. */
  readonly tokens?: (c: Context<E>) => TokenCallers | undefined;
}

/** Who comes first at an endpoint: a tenant's caller; one whose submissions are counted; one that may make and revoke keys. */
export function apiKeyGuards<E extends ApiKeyEnv>(
  options: GuardOptions<E>,
): Readonly<Record<"tenant" | "submission" | "admin", MiddlewareHandler<E>>> {
  return {
    async tenant(c, next) {
      c.set("caller", await callerOf(c, options));
      await next();
    },

    async submission(c, next) {
      const who = await callerOf(c, options);
      c.set("caller", who);
      await limitSubmissions(c.env, `key:${who.keyId}`);
      await next();
    },

    async admin(c, next) {
      const who = await callerOf(c, options);
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
 * The caller by its key or token. The program's own key is compared first; without that secret nobody gets in by it.
 *
 * @throws Problem 401, 403, 503
 */
async function callerOf<E extends ApiKeyEnv>(c: Context<E>, { realm, tokens }: GuardOptions<E>): Promise<Caller> {
  if (c.req.url.includes("?")) refuseKeysInQuery(new URL(c.req.url).searchParams);
  const authorization = c.req.header("authorization");
  const later = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const key = bearerKey(authorization);
  const hash = key === null ? null : await hashApiKey(key);
  if (hash !== null && isSameHash(hash, await hashOfProgramKey(c.env))) {
    return { keyId: "key_program", tenant: "default", scope: "admin", by: "key" };
  }
  const callers = tokens?.(c);
  const token = callers ? bearerToken(authorization) : null;
  if (callers && token !== null) {
    try {
      if (token.length > LONGEST_TOKEN) throw new TokenRefused(`it is longer than ${LONGEST_TOKEN} characters`);
      return await callers.callerOf(token, later);
    } catch (error) {
      throw tokenProblem(error, realm);
    }
  }
  const known = hash === null ? null : await new KeyStore(c.env.DB).callerOf(hash, later);
  if (known) return known;
  const wanted = `a valid API key${callers ? " or token" : ""} as Authorization: Bearer ${callers ? "…" : "tnr_…"}`;
  throw new Problem(401, "unauthorized", `send ${wanted}`, {
    headers: { "www-authenticate": `Bearer realm="${realm}"` },
  });
}

/** By the bindings, which an isolate has once. */
const programHashes = new WeakMap<object, string>();

/** An empty text without that secret: no key has it for its hash. */
async function hashOfProgramKey(env: Pick<ApiKeyBindings, "API_KEY">): Promise<string> {
  const hash = programHashes.get(env) ?? (env.API_KEY ? await hashApiKey(env.API_KEY) : "");
  programHashes.set(env, hash);
  return hash;
}

const QUERY_NAMES = ["access_token", "api_key", "apikey", "api-key", "id_token", "jwt", "authorization"];

/** An address ends up in logs, histories and referrers: what lets somebody in does not belong there. */
function refuseKeysInQuery(query: URLSearchParams): void {
  for (const [name, value] of query) {
    if (!QUERY_NAMES.includes(name.toLowerCase()) && !/^(tnr_[\w-]{43}|eyJ[\w-]*\.[\w-]+\.[\w-]*)$/.test(value))
      continue;
    throw new Problem(
      400,
      "key_in_query",
      "keys and tokens are not taken from the address, where others can read them: send Authorization: Bearer, and replace the one that was sent",
    );
  }
}
