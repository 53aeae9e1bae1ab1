import { apiKeyEndpoints, apiKeyGuards } from "@tenner/worker-kit/api-keys";
import { now } from "@tenner/worker-kit/clock";
import { docsPage } from "@tenner/worker-kit/docs-page";
import { type Endpoint, endpoint, mount } from "@tenner/worker-kit/endpoint";
import { usageEndpoint } from "@tenner/worker-kit/ledger";
import { type ApiDocument, openApi } from "@tenner/worker-kit/openapi";
import { answerProblems } from "@tenner/worker-kit/problem";
import { securityHeaders } from "@tenner/worker-kit/security-headers";
import { Settings } from "@tenner/worker-kit/settings";
import { Hono } from "hono";
import { cors } from "hono/cors";
import * as z from "zod";
import { hookEndpoints } from "./endpoints/hooks.ts";
import { jobEndpoints } from "./endpoints/jobs.ts";
import type { HttpEnv } from "./http-env.ts";

const Health = z.object({ ok: z.literal(true), version: z.string() }).meta({ id: "Health" });

/** The HTTP edge. */
export function routes(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  answerProblems(app);
  app.use(securityHeaders);
  app.use(async (c, next) => {
    c.set("settings", Settings.parse(c.env.SETTINGS));
    await next();
  });
  app.use("/v1/*", (c, next) =>
    cors({
      origin: c.get("settings").allowedOrigins,
      allowHeaders: ["authorization", "content-type", "idempotency-key", "last-event-id", "x-request-id"],
      exposeHeaders: ["location", "retry-after", "x-request-id", "idempotent-replayed"],
      maxAge: 600,
    })(c, next),
  );
  mount(app, endpoints(), {
    guards: apiKeyGuards("event-agent"),
    maxBytes: (c) => c.get("settings").limits.maxInputBytes,
  });
  return app;
}

/** All of them, in the order of the description. */
function endpoints(): readonly Endpoint<HttpEnv>[] {
  return [...jobEndpoints, ...hookEndpoints, ...apiKeyEndpoints<HttpEnv>(), usage, ...pages];
}

const usage = usageEndpoint<HttpEnv>({
  guard: "tenant",
  ledger: (c) => ({ database: c.env.LEDGER, budget: c.get("settings").budget, now: () => now(c.env) }),
  caller: (c) => c.get("caller"),
});

const tag = "About";

const pages: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/health",
    operationId: "health",
    summary: "Is it up?",
    tag,
    responses: { 200: { description: "Yes", schema: Health } },
    handle: (c) => c.json({ ok: true, version: c.env.VERSION.id } satisfies z.infer<typeof Health>),
  }),
  endpoint({
    method: "get",
    path: "/openapi.json",
    operationId: "openapi",
    summary: "This description as OpenAPI 3.1",
    tag,
    responses: { 200: { description: "The document", contentType: "application/json" } },
    handle: (c) => c.json(description()),
  }),
  endpoint({
    method: "get",
    path: "/docs",
    operationId: "docs",
    summary: "This description as a page",
    tag,
    responses: { 200: { description: "The page", contentType: "text/html" } },
    handle: (c) => c.html(docsPage(description())),
  }),
];

/** Made when first asked for: it costs some milliseconds, which start-up need not pay. */
let made: ApiDocument | undefined;

function description(): ApiDocument {
  made ??= openApi(
    {
      title: "Event agent",
      version: "1",
      description:
        "One event, one answer of a model. A submission is checked before anything is paid, answered with 202 at once, and worked on in the background until it is `done`, `failed` or `cancelled`.",
    },
    endpoints(),
  );
  return made;
}
