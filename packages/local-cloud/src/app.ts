import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ApiError, notEmulated } from "./core/api-error.ts";
import { failure } from "./core/envelope.ts";
import { isLoopbackHost } from "./core/loopback.ts";
import type { Service } from "./core/service.ts";
import { requireToken } from "./core/token.ts";

export interface AppOptions {
  readonly token: string;
  readonly services: readonly Service[];
  /** @throws {ApiError} when there is no such account. */
  hasAccount(accountId: string): void;
  readonly localApi: Hono;
  readonly console: Hono;
}

/** The largest body of a request: an assets upload with its base64. */
const MAX_BODY = 128 * 1024 * 1024;
/** Proves itself by the token of its upload session. */
const ASSETS_UPLOAD = /^\/client\/v4\/accounts\/[^/]+\/workers\/assets\/upload$/;

/** Everything that answers at the cloud's address. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  app.onError(failure);
  app.use(async (context, next) => {
    if (!isLoopbackHost(context.req.header("host")))
      throw new ApiError(403, 10000, "The local cloud answers only at 127.0.0.1, localhost and [::1]");
    await next();
  });
  for (const { name, signedRoutes } of options.services) if (signedRoutes) app.route(`/_signed/${name}`, signedRoutes);
  app.route("/client/v4", createApi(options));
  app.route("/_local", options.localApi);
  app.route("/", options.console);
  return app;
}

function createApi(options: AppOptions): Hono {
  const { token, services } = options;
  const api = new Hono();
  api.onError(failure);
  api.use(bodyLimit({ maxSize: MAX_BODY, onError: () => tooLarge() }));
  api.use(requireToken(token, (path) => ASSETS_UPLOAD.test(path)));
  api.use("/accounts/:account_id/*", async (context, next) => {
    options.hasAccount(context.req.param("account_id"));
    await next();
  });
  for (const { globalRoutes } of services) if (globalRoutes) api.route("/", globalRoutes);
  for (const { routes } of services) if (routes) api.route("/accounts/:account_id", routes);
  api.all("*", (context) => {
    const path = context.req.path
      .replace("/client/v4", "")
      .replace(/^\/accounts\/[0-9a-f]{32}/, "/accounts/{account_id}");
    throw notEmulated(`${context.req.method} ${path}`);
  });
  return api;
}

function tooLarge(): never {
  throw new ApiError(413, 10027, `the request is larger than ${MAX_BODY} bytes`);
}
