import type { Context, MiddlewareHandler } from "hono";
import type { Settings } from "../settings.ts";

/** Headers of a template's own, in lower case, besides those that all templates have. */
export interface CrossOriginHeaders {
  /** That a page elsewhere may send. */
  readonly allowed?: readonly string[];
  /** That it may read. */
  readonly exposed?: readonly string[];
}

const ALLOWED = ["authorization", "content-type", "idempotency-key", "last-event-id", "x-request-id"];
const EXPOSED = ["location", "retry-after", "x-request-id", "idempotent-replayed"];
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

/** OpenAI's client says with these what it runs on; there are more with each of its versions. */
const CLIENT_HEADER = /^x-stainless-[a-z0-9-]{1,64}$/;

/**
 * Lets pages of the settings' `allowedOrigins` call the API, and answers what their browsers ask first. Pages elsewhere
 * get answers that their browsers keep from them.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function allowOrigins({ allowed = [], exposed = [] }: CrossOriginHeaders = {}): MiddlewareHandler<{
  Variables: { settings: Settings };
}> {
  const sendable = [...ALLOWED, ...allowed];
  const readable = [...EXPOSED, ...exposed].join(", ");
  return async (c, next) => {
    const origin = c.req.header("origin") ?? "";
    const isAllowed = c.get("settings").allowedOrigins.includes(origin);
    if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
      return preflight(c, isAllowed ? origin : null, sendable);
    }
    await next();
    if (c.get("settings").allowedOrigins.length === 0) return;
    c.header("vary", "Origin", { append: true });
    if (!isAllowed) return;
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", readable);
  };
}

function preflight(c: Context, origin: string | null, sendable: readonly string[]): Response {
  c.header("vary", "Origin, Access-Control-Request-Headers");
  if (origin !== null) {
    const asked = (c.req.header("access-control-request-headers") ?? "").toLowerCase().split(",");
    const ofClient = asked.map((name) => name.trim()).filter((name) => CLIENT_HEADER.test(name));
    c.header("access-control-allow-origin", origin);
    c.header("access-control-allow-methods", METHODS);
    c.header("access-control-allow-headers", [...sendable, ...ofClient].join(", "));
    c.header("access-control-max-age", "600");
  }
  return c.body(null, 204);
}
