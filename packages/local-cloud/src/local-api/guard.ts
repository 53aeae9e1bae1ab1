import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { ApiError } from "../core/api-error.ts";
import { isLoopbackHost } from "../core/loopback.ts";
import { equal, type Sessions } from "./sessions.ts";

/**
 * Refuses requests that name another host than this machine: after DNS rebinding a foreign page reaches the cloud,
 * but under its own name.
 */
export function loopbackOnly(): MiddlewareHandler {
  return async (context, next) => {
    const host = hostOf(context);
    if (!isLoopbackHost(host)) {
      throw new ApiError(403, 10000, `the local cloud answers as 127.0.0.1 or localhost only, not as "${host}"`);
    }
    await next();
  };
}

/**
 * Lets in scripts with the API token (`Authorization: Bearer …`) and visitors with a session's cookie. With the cookie,
 * whatever changes something must come from the console's own page.
 */
export function tokenOrSession(options: { token: string; sessions: Sessions }): MiddlewareHandler {
  return async (context, next) => {
    const authorization = context.req.header("authorization");
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
      if (!equal(token, options.token)) throw new ApiError(401, 10000, "the API token is wrong");
      return next();
    }
    if (!hasSession(context, options.sessions)) {
      throw new ApiError(401, 10000, "open the console's link first, or send the API token as a bearer token");
    }
    const reads = context.req.method === "GET" || context.req.method === "HEAD";
    if (isForeign(context) || (!reads && !isOwnPage(context))) throw foreign();
    return next();
  };
}

/** For streams: with a cookie, only the console's own page may open one. */
export function ownPageOrToken(): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header("authorization") === undefined && !isOwnPage(context)) throw foreign();
    await next();
  };
}

/** Whether the request carries the cookie of a living session. */
export function hasSession(context: Context, sessions: Sessions): boolean {
  return sessions.includes(getCookie(context, sessions.cookieName()));
}

/** Says so, or (`Sec-Fetch-Site` missing in old browsers and scripts) does not say otherwise. */
function isForeign(context: Context): boolean {
  const site = context.req.header("sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/** Proves it: by `Origin`, or for a GET, where browsers leave that out, by `Sec-Fetch-Site`. */
function isOwnPage(context: Context): boolean {
  const origin = context.req.header("origin");
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") return false;
  if (origin === undefined) return context.req.method === "GET" && site === "same-origin";
  return origin === `http://${hostOf(context)}`;
}

function hostOf(context: Context): string {
  return context.req.header("host") ?? new URL(context.req.url).host;
}

function foreign(): ApiError {
  return new ApiError(
    403,
    10000,
    "only the console's own page may do this with its cookie; scripts send the API token",
  );
}
