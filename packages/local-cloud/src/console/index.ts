import { readFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { failure } from "../core/envelope.ts";
import { hasSession, loopbackOnly } from "../local-api/guard.ts";
import type { Sessions } from "../local-api/sessions.ts";

export interface ConsoleOptions {
  sessions: Sessions;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The page a person sees at the cloud's address. It holds no data: its script asks `/_local` for that, with the
 * session's cookie. Registers its own paths only, so it can share `/` with the API.
 */
export function createConsole({ sessions }: ConsoleOptions): Hono {
  const page = readPage("index.html");
  const visitorPage = readPage("visitor.html");
  const spentPage = visitorPage.replace('id="spent" hidden', 'id="spent"');
  const console = new Hono();
  console.onError(failure);

  console.get("/", loopbackOnly(), (context) => {
    setHeaders(context);
    if (hasSession(context, sessions)) return context.html(page);
    // A link followed from another site brings no strict cookie along. Asked again by our own page, it does.
    if (context.req.header("sec-fetch-site") === "cross-site") context.header("refresh", "0; url=/");
    return context.html(context.req.query("link") === "spent" ? spentPage : visitorPage, 401);
  });

  for (const [path, type] of Object.entries(ASSETS)) {
    const body = readPage(path);
    console.get(`/console/${path}`, loopbackOnly(), (context) => {
      setHeaders(context);
      return context.body(body, 200, { "content-type": type });
    });
  }
  return console;
}

/** The page's script; its other files lie beside it. */
const MAIN = new URL("./page/main.js", import.meta.url);
const SCRIPT = "text/javascript; charset=utf-8";

/** What the pages load, all of it without a session: it tells nothing. */
const ASSETS: Readonly<Record<string, string>> = {
  "console.css": "text/css; charset=utf-8",
  "mark.svg": "image/svg+xml",
  "main.js": SCRIPT,
  "activity.js": SCRIPT,
  "connection.js": SCRIPT,
  "controls.js": SCRIPT,
  "dom.js": SCRIPT,
  "feed.js": SCRIPT,
  "log-line.js": SCRIPT,
  "time.js": SCRIPT,
  "workers.js": SCRIPT,
  "resources.js": SCRIPT,
};

function readPage(name: string): string {
  return readFileSync(new URL(name, MAIN), "utf8");
}

function setHeaders(context: Context): void {
  context.header("cache-control", "no-store");
  context.header("content-security-policy", POLICY);
  context.header("cross-origin-opener-policy", "same-origin");
  context.header("cross-origin-resource-policy", "same-origin");
  context.header("referrer-policy", "no-referrer");
  context.header("x-content-type-options", "nosniff");
  context.header("x-frame-options", "DENY");
}
