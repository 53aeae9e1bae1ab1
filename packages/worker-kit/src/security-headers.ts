import type { MiddlewareHandler } from "hono";
import { setHeaders } from "./set-headers.ts";

/** Headers for every page and answer. A template's `public/_headers` says the same for its static files. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "cross-origin-opener-policy": "same-origin",
};

/** Puts `SECURITY_HEADERS` on every answer. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  setHeaders(c, SECURITY_HEADERS);
};
