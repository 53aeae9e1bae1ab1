import type { Context, Env as HonoEnv } from "hono";
import * as z from "zod";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { Problem } from "../problem.ts";
import type { D1LedgerOptions } from "./d1-ledger.ts";
import { readUsage, Usage } from "./usage.ts";

/** What a template tells of itself to serve usage. */
export interface UsageEndpointOptions<E extends HonoEnv> {
  /** The guard that comes first and after which `caller` knows who it is. */
  readonly guard: string;
  readonly ledger: (c: Context<E>) => D1LedgerOptions;
  readonly caller: (c: Context<E>) => { readonly tenant: string; readonly scope: "admin" | "member" };
}

const UsageParameters = z.strictObject({
  scope: z.enum(["tenant", "stack"]).default("tenant").describe("`stack` is for keys with scope `admin`."),
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, "a month such as 2026-11")
    .optional()
    .describe("A calendar month, UTC; this one when left out."),
});

/** `GET /v1/usage`: a tenant sees its own, an admin key also the whole stack's. */
export function usageEndpoint<E extends HonoEnv>(options: UsageEndpointOptions<E>): Endpoint<E> {
  return endpoint({
    method: "get",
    path: "/v1/usage",
    operationId: "getUsage",
    summary: "See what a month has cost, and what is left of its budget",
    tag: "Usage",
    guard: options.guard,
    query: UsageParameters,
    responses: { 200: { description: "The month so far", schema: Usage } },
    problems: [403],
    async handle(c, { query: { scope, month } }) {
      const caller = options.caller(c);
      if (scope === "stack" && caller.scope !== "admin") {
        throw new Problem(403, "admin_only", "only an admin key may see the whole stack's usage; leave `scope` out");
      }
      const whose = scope === "stack" ? { scope } : { scope, tenant: caller.tenant };
      const usage = await readUsage(options.ledger(c), { ...whose, month });
      return c.json(usage, 200, { "cache-control": "no-store" });
    },
  });
}
