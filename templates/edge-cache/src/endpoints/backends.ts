import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import type { Backend as BackendSettings } from "@tenner/worker-kit/settings/backends";
import type { Context } from "hono";
import * as z from "zod";
import { type HttpEnv, workOf } from "../http-env.ts";
import { type BackendRow, backendRows, circuitOf } from "../proxy/circuits.ts";
import { forward } from "../proxy/forward.ts";

const Backend = z
  .object({
    name: z.string(),
    scope: z.enum(["member", "admin"]),
    url: z.string().optional().describe("For admin keys."),
    circuit: z.object({
      state: z
        .enum(["closed", "open", "half-open"])
        .describe("`open`: it is left alone; `half-open`: the next request finds out."),
      failures: z.int().describe("In a row, as far as this place has seen."),
      retry_at: z.iso.datetime().nullable(),
    }),
    health: z
      .object({
        healthy: z.boolean(),
        checked_at: z.iso.datetime(),
        status: z.int().nullable().describe("Null: it did not answer."),
        ms: z.int(),
      })
      .nullable()
      .describe("The last check, once a minute; null without a `health` path, or before the first."),
  })
  .meta({ id: "Backend" });

const BackendList = z.object({ backends: z.array(Backend) }).meta({ id: "BackendList" });

const tag = "Backends";
const PATH = "/backends/:name/:path{.*}";

/** Services behind the gateway, and how they are. */
export const backendEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/backends",
    operationId: "listBackends",
    summary: "See how the services behind the gateway are",
    description: "Those that the key may call.",
    tag,
    guard: "tenant",
    responses: { 200: { description: "All of them", schema: BackendList } },
    async handle(c) {
      const rows = await backendRows(c.env);
      const own = Object.entries(c.get("settings").backends).filter(([, backend]) => isAllowed(c, backend));
      const backends = await Promise.all(
        own.map(([name, backend]) =>
          describe(
            c,
            name,
            backend,
            rows.find((row) => row.name === name),
          ),
        ),
      );
      return c.json({ backends } satisfies z.infer<typeof BackendList>, 200, { "cache-control": "no-store" });
    },
  }),
  ...(["get", "post", "put", "patch", "delete"] as const).map((method) =>
    endpoint<HttpEnv>({
      method,
      path: PATH,
      operationId: `${method}Backend`,
      summary: `Forward ${method.toUpperCase()} to a service behind the gateway`,
      description:
        "The rest of the path, the query, the headers and the body go on as they are, but for what belongs to the connection, the API key, and what says who asks: that is said anew (`x-tenner-tenant`, `x-forwarded-for`). Redirects are handed back.",
      tag,
      guard: "submission",
      responses: { 200: { description: "What the service answers, with its own status", contentType: "*/*" } },
      problems: [400, 403, 404, 408, 413, 429, 501, 502, 503, 504, 508],
      handle: (c) => proxied(c),
    }),
  ),
];

function proxied(c: Context<HttpEnv>): Promise<Response> {
  const name = c.req.param("name") ?? "";
  const { backends, allowedWebhookHosts: allowedHosts } = c.get("settings");
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (!backend) throw new Problem(404, "no_such_backend", `the settings name no backend "${name}"`);
  if (!isAllowed(c, backend)) throw new Problem(403, "admin_only", `only an admin key may call ${name}`);
  const { env, later } = workOf(c);
  const { tenant, keyId, scope } = c.get("caller");
  const caller = { tenant, keyId, scope, requestId: c.get("requestId"), url: new URL(c.req.url) };
  return forward(c.req.raw, { env, name, backend, caller, allowedHosts, later });
}

function isAllowed(c: Context<HttpEnv>, { scope }: BackendSettings): boolean {
  return scope === "member" || c.get("caller").scope === "admin";
}

async function describe(
  c: Context<HttpEnv>,
  name: string,
  { url, scope }: BackendSettings,
  row: BackendRow | undefined,
): Promise<z.infer<typeof Backend>> {
  const circuit = await circuitOf(c.env, name);
  const { checked_at = null, healthy = null, check_status = null, check_ms } = row ?? {};
  return {
    name,
    scope,
    ...(c.get("caller").scope === "admin" && { url }),
    circuit: {
      state: circuit.state(now(c.env)),
      failures: circuit.failures,
      retry_at: circuit.openUntil === null ? null : new Date(circuit.openUntil).toISOString(),
    },
    health:
      checked_at === null
        ? null
        : {
            healthy: healthy === 1,
            checked_at: new Date(checked_at).toISOString(),
            status: check_status,
            ms: check_ms ?? 0,
          },
  };
}
