import { SECURITY_HEADERS } from "@tenner/worker-kit/security-headers";

/**
 * The headers of a page: scripts only from here, and inline only with the answer's nonce. `style-src-attr` lets
 * `style="…"` through because Motion writes each frame of an animation there; it can change how something looks, never
 * load or run anything.
 */
export function securityHeadersOf(nonce: string): Readonly<Record<string, string>> {
  return {
    ...SECURITY_HEADERS,
    "content-security-policy": [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      "style-src 'self'",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "strict-origin-when-cross-origin",
  };
}
