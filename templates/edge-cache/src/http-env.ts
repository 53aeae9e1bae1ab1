import type { HttpApiEnv } from "@tenner/worker-kit/http-api";
import { Problem } from "@tenner/worker-kit/problem";
import type { Context } from "hono";
import type { ChatWork } from "./answer-chat.ts";
import { type CacheWish, CacheWishError, readCacheWish } from "./domain/cache-wish.ts";

/** What handlers find in Hono's context. */
export type HttpEnv = HttpApiEnv<Env>;

/** What answering a chat needs of a request. */
export function workOf(c: Context<HttpEnv>): ChatWork {
  return {
    env: c.env,
    settings: c.get("settings"),
    tenant: c.get("caller").tenant,
    later: (work) => c.executionCtx.waitUntil(work),
    asker: { keyId: c.get("caller").keyId, subject: subjectOf(c), requestId: c.get("requestId") },
  };
}

/** What the request's headers ask of the cache. @throws Problem 400 */
export function wishOf(c: Context<HttpEnv>): CacheWish {
  try {
    return readCacheWish((name) => c.req.header(name));
  } catch (error) {
    if (error instanceof CacheWishError) throw new Problem(400, "invalid_cache_header", error.message);
    throw error;
  }
}

/** For whom a program asks: its user, say. @throws Problem 400 */
function subjectOf(c: Context<HttpEnv>): string | undefined {
  const subject = c.req.header("x-experiment-subject");
  if (subject === undefined || /^[\x21-\x7e]{1,200}$/.test(subject)) return subject;
  throw new Problem(400, "invalid_header", "x-experiment-subject: 1 to 200 printable characters without blanks");
}
