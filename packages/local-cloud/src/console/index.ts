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
 * The pages a person sees at the cloud's address. They hold no data: their scripts ask `/_local` for that, with the
 * session's cookie. Registers its own paths only, so it can share `/` with the API.
 */
export function createConsole({ sessions }: ConsoleOptions): Hono {
  const visitorPage = readPage("visitor.html");
  const spentPage = visitorPage.replace('id="spent" hidden', 'id="spent"');
  const console = new Hono();
  console.onError(failure);

  for (const [path, file] of Object.entries(PAGES)) {
    const page = readPage(file);
    console.get(path, loopbackOnly(), (context) => {
      setHeaders(context);
      if (hasSession(context, sessions)) return context.html(page);
      // A link followed from another site brings no strict cookie along. Asked again by our own page, it does.
      if (context.req.header("sec-fetch-site") === "cross-site") context.header("refresh", `0; url=${path}`);
      return context.html(context.req.query("link") === "spent" ? spentPage : visitorPage, 401);
    });
  }

  for (const [path, type] of Object.entries(ASSETS)) {
    const body = readFile(path);
    console.get(`/console/${path}`, loopbackOnly(), (context) => {
      setHeaders(context);
      return context.body(body, 200, { "content-type": type });
    });
  }
  return console;
}

/** The pages by their paths. */
const PAGES: Readonly<Record<string, string>> = {
  "/": "index.html",
  "/ai": "ai.html",
  "/vectorize": "vectorize.html",
  "/queues": "queues.html",
  "/bill": "bill.html",
};

/** The first page's script; the files lie beside it. */
const MAIN = new URL("./page/main.js", import.meta.url);
const SCRIPT = "text/javascript; charset=utf-8";

/** What the pages load, all of it without a session: it tells nothing. */
const ASSETS: Readonly<Record<string, string>> = {
  "console.css": "text/css; charset=utf-8",
  "ai.css": "text/css; charset=utf-8",
  "queues.css": "text/css; charset=utf-8",
  "bill.css": "text/css; charset=utf-8",
  "mark.svg": "image/svg+xml",
  "activity.js": SCRIPT,
  "ai.js": SCRIPT,
  "bill.js": SCRIPT,
  "budget.js": SCRIPT,
  "clock-panel.js": SCRIPT,
  "confirm.js": SCRIPT,
  "connection.js": SCRIPT,
  "cost-chart.js": SCRIPT,
  "depth-chart.js": SCRIPT,
  "dom.js": SCRIPT,
  "fault-panel.js": SCRIPT,
  "feed.js": SCRIPT,
  "log-line.js": SCRIPT,
  "main.js": SCRIPT,
  "message-list.js": SCRIPT,
  "message-text.js": SCRIPT,
  "queue-flow.js": SCRIPT,
  "queue-history.js": SCRIPT,
  "queue-list.js": SCRIPT,
  "queues.js": SCRIPT,
  "redraw.js": SCRIPT,
  "resources.js": SCRIPT,
  "route-graph.js": SCRIPT,
  "shell.js": SCRIPT,
  "time.js": SCRIPT,
  "vectorize.js": SCRIPT,
  "workers.js": SCRIPT,
};

/** A page with what pages have in common: `<!-- head -->` in it stands for `head.html`, `<!-- header -->` likewise. */
function readPage(name: string): string {
  return readFile(name).replace(/<!-- (head|header) -->/g, (_, part: string) => readFile(`${part}.html`));
}

function readFile(name: string): string {
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
