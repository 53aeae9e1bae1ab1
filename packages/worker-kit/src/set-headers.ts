import type { Context } from "hono";

/**
 * Puts headers on an answer that is there. Hono's own `c.header` makes a copy of the answer for each of them; only one
 * whose headers are fixed (what `fetch` gave) needs that.
 */
export function setHeaders(c: Context, headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  try {
    for (const [name, value] of entries) c.res.headers.set(name, value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    for (const [name, value] of entries) c.header(name, value);
  }
}
