import type { Context, Hono, Env as HonoEnv, MiddlewareHandler } from "hono";
import type * as z from "zod";
import { Problem } from "./problem.ts";
import { parseValue, readJson } from "./read-json.ts";

/** One answer an endpoint gives, for the API's description. */
export interface EndpointResponse {
  readonly description: string;
  /** The body. Give it a name with `.meta({ id })`. */
  readonly schema?: z.ZodType;
  /** @default "application/json" */
  readonly contentType?: string;
}

/** What one endpoint takes and gives. The same facts check requests and describe the API, so they cannot disagree. */
export interface EndpointSpec<E extends HonoEnv, Body, Query> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In Hono's notation: `/v1/jobs/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** Which of the `guards` given to `mount` comes first; none for an open endpoint. */
  readonly guard?: string;
  readonly body?: z.ZodType<Body>;
  /** The body of an endpoint that reads it itself, for the API's description only. */
  readonly describedBody?: z.ZodType;
  /** Other content types that an endpoint takes which reads its body itself, each with what it holds; without `describedBody` no JSON. */
  readonly otherBodies?: Readonly<Record<string, string>>;
  readonly query?: z.ZodType<Query>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<number, EndpointResponse>>;
  /** Statuses it can answer with a problem, besides those of its guard and of parsing. */
  readonly problems?: readonly number[];
  readonly handle: (c: Context<E>, input: { body: Body; query: Query }) => Response | Promise<Response>;
}

/** An endpoint with its types closed over. */
export interface Endpoint<E extends HonoEnv> extends Omit<EndpointSpec<E, never, never>, "body" | "query" | "handle"> {
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly run: (c: Context<E>, maxBytes: number) => Promise<Response>;
}

/** Declares an endpoint. */
export function endpoint<E extends HonoEnv, Body = undefined, Query = undefined>(
  spec: EndpointSpec<E, Body, Query>,
): Endpoint<E> {
  const { handle, body, query, ...facts } = spec;
  return {
    ...facts,
    ...(body && { body }),
    ...(query && { query }),
    async run(c, maxBytes) {
      return handle(c, {
        // Without a schema the type is undefined, and so is the value.
        query: (query ? parseValue(c.req.query(), query, "the query") : undefined) as Query,
        body: (body ? await readJson(c.req.raw, body, maxBytes) : undefined) as Body,
      });
    },
  };
}

/** Serves endpoints; any other method on one of their paths gets 405 with `allow`. */
export function mount<E extends HonoEnv>(
  app: Hono<E>,
  endpoints: readonly Endpoint<E>[],
  options: {
    readonly guards: Readonly<Record<string, MiddlewareHandler<E>>>;
    readonly maxBytes: (c: Context<E>) => number;
  },
): void {
  for (const { method, path, guard, run } of endpoints) {
    const handler = (c: Context<E>) => run(c, options.maxBytes(c));
    if (guard === undefined) {
      app.on(method.toUpperCase(), path, handler);
      continue;
    }
    const middleware = options.guards[guard];
    if (!middleware) throw new Error(`endpoint ${method} ${path}: there is no guard "${guard}"`);
    app.on(method.toUpperCase(), path, middleware, handler);
  }
  for (const [path, group] of Map.groupBy(endpoints, (each) => each.path)) {
    const allow = group.map((each) => each.method.toUpperCase());
    if (allow.includes("GET")) allow.push("HEAD");
    app.all(path, (c) => {
      throw new Problem(405, "method_not_allowed", `${c.req.method} is not possible at ${c.req.path}`, {
        headers: { allow: allow.join(", ") },
      });
    });
  }
}
