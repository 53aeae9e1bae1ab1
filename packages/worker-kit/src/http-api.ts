import { Hono } from "hono";
import { cors } from "hono/cors";
import * as z from "zod";
import { type ApiKeyBindings, apiKeyEndpoints, apiKeyGuards, type Caller } from "./api-keys.ts";
import { now } from "./clock.ts";
import { docsPage } from "./docs-page.ts";
import { type Endpoint, endpoint, mount } from "./endpoint.ts";
import { usageEndpoint } from "./ledger.ts";
import { type ApiDocument, openApi } from "./openapi.ts";
import { answerProblems, type RequestVariables } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";
import { Settings } from "./settings.ts";

/** What a template binds to have an API. */
export interface HttpApiBindings extends ApiKeyBindings {
  readonly SETTINGS: object;
  readonly LEDGER: D1Database;
  readonly VERSION: WorkerVersionMetadata;
}

/** What handlers find in Hono's context. */
export interface HttpApiEnv<Bindings extends HttpApiBindings = HttpApiBindings> {
  Bindings: Bindings;
  Variables: RequestVariables & {
    settings: Settings;
    /** Set by the guards. */
    caller: Caller;
  };
}

/** A template's API. */
export interface HttpApiOptions<E extends HttpApiEnv> {
  /** The template's name, which `www-authenticate` says. */
  readonly name: string;
  readonly title: string;
  /** What it does, in a sentence or two. */
  readonly description: string;
  /** The template's own, behind the guards `tenant`, `submission` and `admin`. */
  readonly endpoints: readonly Endpoint<E>[];
}

/**
 * The HTTP edge of a template: its endpoints, and what all templates have: API keys, usage, health, OpenAPI, problems,
 * request ids, security headers, and CORS for the origins of the settings.
 */
export function httpApi<E extends HttpApiEnv>({ name, title, description, endpoints }: HttpApiOptions<E>): Hono<E> {
  // Made when first asked for: it costs some milliseconds, which start-up need not pay.
  let document: ApiDocument | undefined;
  const all: readonly Endpoint<E>[] = [
    ...endpoints,
    ...apiKeyEndpoints<E>(),
    usageEndpoint<E>({
      guard: "tenant",
      ledger: (c) => ({ database: c.env.LEDGER, budget: c.get("settings").budget, now: () => now(c.env) }),
      caller: (c) => c.get("caller"),
    }),
    ...aboutEndpoints<E>(() => {
      document ??= openApi({ title, version: "1", description }, all);
      return document;
    }),
  ];

  const app = new Hono<E>();
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
  mount(app, all, { guards: apiKeyGuards<E>(name), maxBytes: (c) => c.get("settings").limits.maxInputBytes });
  return app;
}

const Health = z.object({ ok: z.literal(true), version: z.string() }).meta({ id: "Health" });

function aboutEndpoints<E extends HttpApiEnv>(document: () => ApiDocument): readonly Endpoint<E>[] {
  const tag = "About";
  return [
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
      handle: (c) => c.json(document()),
    }),
    endpoint({
      method: "get",
      path: "/docs",
      operationId: "docs",
      summary: "This description as a page",
      tag,
      responses: { 200: { description: "The page", contentType: "text/html" } },
      handle: (c) => c.html(docsPage(document())),
    }),
  ];
}
