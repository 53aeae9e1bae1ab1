import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { usdOf } from "@tenner/worker-kit/ledger";
import * as z from "zod";
import type { HttpEnv } from "../http-env.ts";
import { writeTallies } from "../tally.ts";

const Stats = z
  .object({
    requests: z.int(),
    hits: z.int().describe("Answered without a call of their own: `hit-exact`, `hit-semantic`, `stale`, `coalesced`."),
    misses: z.int(),
    bypassed: z.int(),
    errors: z.int(),
    hit_rate: z.number().nullable().describe("Hits among hits and misses, 0 to 1; null without any."),
    cost_usd: z.number(),
    saved_usd: z.number(),
    by_outcome: z.record(z.string(), z.int()),
  })
  .meta({ id: "Stats" });

/** What the cache has done for a tenant. */
export const statsEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/stats",
    operationId: "getStats",
    summary: "See how requests were answered, and what that saved",
    description:
      "Of the key's tenant, of all days that the settings keep. Other data centres' last second may be missing.",
    tag: "Chat",
    guard: "tenant",
    responses: { 200: { description: "The counts", schema: Stats } },
    async handle(c) {
      await writeTallies(c.env.DB);
      const { results } = await c.env.DB.prepare(
        `SELECT outcome, sum(requests) AS requests, sum(cost_nano) AS cost, sum(saved_nano) AS saved
         FROM tallies WHERE tenant = ?1 GROUP BY outcome`,
      )
        .bind(c.get("caller").tenant)
        .all<{ outcome: string; requests: number; cost: number; saved: number }>();
      const count = (...outcomes: string[]) =>
        results.reduce((sum, row) => sum + (outcomes.includes(row.outcome) ? row.requests : 0), 0);
      const hits = count("hit-exact", "hit-semantic", "stale", "coalesced");
      const misses = count("miss");
      const stats: z.infer<typeof Stats> = {
        requests: results.reduce((sum, row) => sum + row.requests, 0),
        hits,
        misses,
        bypassed: count("bypass"),
        errors: count("error"),
        hit_rate: hits + misses === 0 ? null : hits / (hits + misses),
        cost_usd: usdOf(results.reduce((sum, row) => sum + row.cost, 0)),
        saved_usd: usdOf(results.reduce((sum, row) => sum + row.saved, 0)),
        by_outcome: Object.fromEntries(results.map((row) => [row.outcome, row.requests])),
      };
      return c.json(stats, 200, { "cache-control": "no-store" });
    },
  }),
];
