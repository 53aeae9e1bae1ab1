import { type Context, Hono } from "hono";
import * as z from "zod";
import { allowIps, allowOrigins, type CrossOriginHeaders, tokenCallers, tokenEndpoints } from "./access.ts";
import { type ApiKeyBindings, apiKeyEndpoints, apiKeyGuards, type Caller } from "./api-keys.ts";
import { now } from "./clock.ts";
import { docsPage } from "./docs-page.ts";
import { type Endpoint, endpoint, mount } from "./endpoint.ts";
import { settingsOf } from "./env-settings.ts";
import { usageEndpoint } from "./ledger.ts";
import { type ApiDocument, type ErrorForm, openApi } from "./openapi.ts";
import { answerProblems, type RequestVariables } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";
import type { Settings } from "./settings.ts";

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
  /**
   * Also takes tokens of the issuers in the settings, and lets them be revoked. The database then has the tables of
   * `migrations/access`.
   *
   * @default false
   */
  readonly tokens?: boolean;
  /** Headers of its own that pages elsewhere may send and read. */
  readonly crossOrigin?: CrossOriginHeaders;
  /** Its pages by their addresses, as the description's page links them. @default `{"/": "Try it"}` */
  readonly pages?: Readonly<Record<string, string>>;
  /** How errors look at a path (in Hono's notation), where they are not problem+json. For the description only. */
  readonly errorForm?: (path: string) => ErrorForm | undefined;
}

/**
 * The HTTP edge of a template: its endpoints, and what all templates have: API keys, usage, health, OpenAPI, problems,
 * request ids, security headers, CORS for the origins and a border for the addresses of the settings.
 */
export function httpApi<E extends HttpApiEnv>(options: HttpApiOptions<E>): Hono<E> {
  const { name, title, description, endpoints, errorForm, pages = { "/": "Try it" } } = options;
  // Made when first asked for: it costs some milliseconds, which start-up need not pay.
  let document: ApiDocument | undefined;
  const all: readonly Endpoint<E>[] = [
    ...endpoints,
    ...apiKeyEndpoints<E>(),
    ...(options.tokens ? tokenEndpoints<E>({ realm: name, callers, issuers }) : []),
    usageEndpoint<E>({
      guard: "tenant",
      ledger: (c) => ({ database: c.env.LEDGER, budget: c.get("settings").budget, now: () => now(c.env) }),
      caller: (c) => c.get("caller"),
    }),
    ...aboutEndpoints<E>(pages, () => {
      document ??= openApi({ title, version: "1", description }, all, errorForm && { errorForm });
      return document;
    }),
  ];

  const app = new Hono<E>();
  answerProblems(app);
  app.use(securityHeaders);
  app.use(async (c, next) => {
    c.set("settings", settingsOf(c.env));
    await next();
  });
  app.use(allowIps);
  app.use(allowOrigins(options.crossOrigin));
  mount(app, all, {
    guards: apiKeyGuards<E>({ realm: name, ...(options.tokens && { tokens: takenTokens }) }),
    maxBytes: (c) => c.get("settings").limits.maxInputBytes,
  });
  return app;
}

function issuers<E extends HttpApiEnv>(c: Context<E>) {
  return c.get("settings").access.jwt.issuers;
}

function callers<E extends HttpApiEnv>(c: Context<E>) {
  return tokenCallers(c.env, c.get("settings"));
}

/** Undefined while the settings name no issuer: the edge is then as if there were no tokens. */
function takenTokens<E extends HttpApiEnv>(c: Context<E>) {
  return issuers(c).length > 0 ? callers(c) : undefined;
}

const Health = z.object({ ok: z.literal(true), version: z.string() }).meta({ id: "Health" });

function aboutEndpoints<E extends HttpApiEnv>(
  pages: Readonly<Record<string, string>>,
  document: () => ApiDocument,
): readonly Endpoint<E>[] {
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
      handle: (c) => c.html(docsPage(document(), pages)),
    }),
  ];
}
