import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { answers } from "../cache/answers.ts";
import { freshness } from "../cache/entry.ts";
import { generationsOf, HELD_MS, isCurrent } from "../cache/generations.ts";
import { type HttpEnv, workOf } from "../http-env.ts";
import { Explanation } from "../semantic/explanation.ts";
import { prove } from "../semantic/learn.ts";
import { keepReport, verdictsOf } from "../semantic/verdicts.ts";

const Key = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits, as x-cache-key has them");
const RequestId = z.string().min(1).max(200).describe("The answer's x-request-id.");

const ExplainQuery = z
  .strictObject({
    request_id: RequestId.optional(),
    key: Key.optional().describe("Of a question, as x-cache-key has it."),
  })
  .refine(({ request_id, key }) => (request_id === undefined) !== (key === undefined), {
    error: "say which: `request_id` or `key`",
  });

const Kept = z
  .object({
    kept_at: z.iso.datetime(),
    state: z.enum(["fresh", "stale", "gone", "purged"]).describe("What it may still be used for."),
    model: z.string(),
    answers_for: z.string().nullable().describe("The key of the question whose answer it is, when it is a copy."),
  })
  .meta({ id: "KeptAnswer" });

const Explained = z
  .object({
    request_id: z.string().nullable(),
    key: z.string().nullable().describe("Of what was asked; null when it went past the cache."),
    at: z.iso.datetime().nullable(),
    ...Explanation.shape,
    kept: Kept.nullable().describe("What is kept under the key now."),
    learned_pairs: z
      .array(z.object({ key: z.string(), verdict: z.enum(["same", "different"]), proof: z.string() }))
      .describe("What is known of the question and others."),
  })
  .meta({ id: "CacheExplanation" });
type Explained = z.infer<typeof Explained>;

const WrongReport = z.strictObject({ request_id: RequestId }).meta({ id: "WrongReport" });
const Blocked = z
  .object({
    asked: z.string().describe("Key of the question that was asked."),
    served: z.string().describe("Key of the kept answer that was wrong for it."),
    within_seconds: z.number().describe("After it the answer is served for that question nowhere."),
  })
  .meta({ id: "BlockedPair" });

const Counts = z
  .object({
    days: z.int(),
    counts: z
      .record(z.string(), z.int())
      .describe(
        "`searched`, `late`, `failed`; `hit`, `alias-hit`, `shadow-hit`; `learned-same`, `learned-different`, `left-open`; `verified-right`, `verified-wrong`, `reported-wrong`.",
      ),
  })
  .meta({ id: "SemanticCounts" });

const DAY_MS = 86_400_000;

interface Row {
  readonly request_id: string;
  readonly key: string | null;
  readonly at: number;
  readonly explanation: string;
}

/** Why a request was or was not a hit, and what to do about a hit that was wrong. */
export const explainEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/cache/explain",
    operationId: "explainCache",
    summary: "See why a request was or was not answered from the cache",
    description:
      "Of misses, of answers to alike questions, and of requests that went past the cache, for `cache.semantic.explainDays`. Of a hit on the very same question nothing is kept: ask by its key. Of questions only the words that tell two apart are kept.",
    tag: "Cache",
    guard: "tenant",
    query: ExplainQuery,
    responses: { 200: { description: "Why", schema: Explained } },
    problems: [404],
    async handle(c, { query }) {
      const { env, tenant } = workOf(c);
      const row = await rowOf(env.DB, tenant, query);
      const key = row?.key ?? query.key ?? null;
      const kept = key === null ? null : await keptUnder(c, key);
      if (!row && !kept) {
        throw new Problem(
          404,
          "not_explained",
          "nothing is known of it: hits on the very same question are explained by their x-cache-key only, the rest for some days, and each to its own tenant",
        );
      }
      const verdicts = key === null ? new Map() : await verdictsOf(env.DB, tenant, key);
      const explanation = row ? Explanation.parse(JSON.parse(row.explanation)) : ownAnswer(c.get("settings"));
      const explained: Explained = {
        request_id: row?.request_id ?? null,
        key,
        at: row ? new Date(row.at).toISOString() : null,
        ...explanation,
        kept,
        learned_pairs: [...verdicts]
          .filter(([other]) => other !== key)
          .map(([other, { verdict, proof }]) => ({ key: other, verdict, proof })),
      };
      return c.json(explained, 200, { "cache-control": "no-store" });
    },
  }),
  endpoint({
    method: "post",
    path: "/v1/cache/wrong",
    operationId: "reportWrongHit",
    summary: "Report that the answer to an alike question was wrong",
    description:
      "The question gets no other question's answer any more, whatever is learned later, and it counts against the kept answer: one that was wrong too often answers no alike questions any more.",
    tag: "Cache",
    guard: "tenant",
    body: WrongReport,
    responses: { 200: { description: "The pair is blocked", schema: Blocked } },
    problems: [404, 409],
    async handle(c, { body }) {
      const { env, settings, tenant, later } = workOf(c);
      const row = await rowOf(env.DB, tenant, body);
      if (!row) {
        throw new Problem(
          404,
          "not_explained",
          "nothing is known of this request: it is too old, or it was no such hit",
        );
      }
      const { served, outcome } = Explanation.parse(JSON.parse(row.explanation));
      if (row.key === null || served === null || outcome === "miss") {
        throw new Problem(409, "not_semantic", "this request was not answered from another question's answer");
      }
      const { key } = row;
      const known = (await verdictsOf(env.DB, tenant, key)).get(served);
      await keepReport(env.DB, tenant, key, served, now(env));
      // Who reports twice is believed, and counted once.
      if (known?.proof !== "report") await prove(env, settings, { tenant, key, kept: served }, "reported-wrong");
      await answers(env, settings.cache, later).remove(tenant, key);
      return c.json({ asked: key, served, within_seconds: HELD_MS / 1_000 } satisfies z.infer<typeof Blocked>);
    },
  }),
  endpoint({
    method: "get",
    path: "/v1/cache/semantic",
    operationId: "getSemanticCounts",
    summary: "See what came of looking for alike questions",
    tag: "Cache",
    guard: "tenant",
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    responses: { 200: { description: "The counts of the last days, this one included", schema: Counts } },
    async handle(c, { query: { days } }) {
      const since = new Date(now(c.env) - (days - 1) * DAY_MS).toISOString().slice(0, 10);
      const { results } = await c.env.DB.prepare(
        "SELECT what, sum(count) AS count FROM semantic_tallies WHERE tenant = ?1 AND day >= ?2 GROUP BY what",
      )
        .bind(c.get("caller").tenant, since)
        .all<{ what: string; count: number }>();
      const counts: z.infer<typeof Counts> = {
        days,
        counts: Object.fromEntries(results.map(({ what, count }) => [what, count])),
      };
      return c.json(counts, 200, { "cache-control": "no-store" });
    },
  }),
];

/** By the request, or the last one that asked a question. */
function rowOf(
  database: D1Database,
  tenant: string,
  { request_id, key }: { readonly request_id?: string | undefined; readonly key?: string | undefined },
): Promise<Row | null> {
  const by = request_id === undefined ? "key" : "request_id";
  return database
    .prepare(
      `SELECT request_id, key, at, explanation FROM explanations WHERE tenant = ?1 AND ${by} = ?2 ORDER BY at DESC LIMIT 1`,
    )
    .bind(tenant, request_id ?? key)
    .first<Row>();
}

async function keptUnder(c: Parameters<typeof workOf>[0], key: string): Promise<z.infer<typeof Kept> | null> {
  const { env, settings, tenant, later } = workOf(c);
  const entry = await answers(env, settings.cache, later).find(tenant, key);
  if (!entry) return null;
  const current = isCurrent(entry, await generationsOf(env.DB, tenant));
  return {
    kept_at: new Date(entry.storedAt).toISOString(),
    state: current ? freshness(entry, now(env), null) : "purged",
    model: entry.completion.model,
    answers_for: entry.alike?.key ?? null,
  };
}

function ownAnswer({
  cache,
}: {
  readonly cache: { readonly semantic: { readonly mode: Explanation["mode"] } };
}): Explanation {
  return {
    outcome: "hit-exact",
    why: "this very question has a kept answer; nothing was compared",
    mode: cache.semantic.mode,
    served: null,
    similarity: null,
    searched_ms: null,
    candidates: [],
    learned: null,
  };
}
