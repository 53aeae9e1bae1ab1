import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { usdOf } from "@tenner/worker-kit/ledger";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import type { Context } from "hono";
import * as z from "zod";
import { FORMATS, type Table, tableBody } from "../analytics/export-table.ts";
import { LATENCY_ERROR, percentile } from "../analytics/histogram.ts";
import { floor, type Period, PeriodError, period, STEPS, type StepName } from "../analytics/period.ts";
import {
  type Cursor,
  readDetails,
  readPoints,
  readTotals,
  type Told,
  type Whose,
} from "../analytics/read-analytics.ts";
import type { Counts } from "../analytics/tally-rows.ts";
import { readTopQuestions } from "../analytics/top-questions.ts";
import type { HttpEnv } from "../http-env.ts";
import { writeTallies } from "../tally.ts";

const Time = z.iso.datetime({ offset: true, error: "a time such as 2026-11-21T18:00:00Z" });
const Step = z.enum(Object.keys(STEPS) as [StepName, ...StepName[]]); // of a constant that is not empty
const Scope = z.enum(["tenant", "stack"]).default("tenant").describe("`stack` is for keys with scope `admin`.");

const PeriodParameters = {
  from: Time.optional().describe("A day before `to` when left out."),
  to: Time.optional().describe("Now when left out."),
  step: Step.optional().describe("The finest that makes a readable chart when left out."),
  scope: Scope,
};

const Figures = {
  requests: z.int(),
  hits: z.int().describe("Answered without a call of their own: `hit-exact`, `hit-semantic`, `stale`, `coalesced`."),
  misses: z.int(),
  bypassed: z.int(),
  errors: z.int(),
  input_tokens: z.int().describe("Of calls that were paid for."),
  output_tokens: z.int(),
  cost_usd: z.number(),
  saved_usd: z.number(),
  p50_ms: z.number().nullable().describe("Until the answer was whole, failures included; null of no request."),
  p95_ms: z.number().nullable(),
  p99_ms: z.number().nullable(),
};
const Total = z.object({
  ...Figures,
  hit_rate: z.number().nullable().describe("Hits among hits and misses, 0 to 1; null without any."),
});

const Analytics = z
  .object({
    scope: z.enum(["tenant", "stack"]),
    from: z.iso.datetime().describe("Of the first step."),
    to: z.iso.datetime().describe("Of the last step's end."),
    step: Step,
    latency_error: z.number().describe("By how much a percentile can be off, as a part of the true one."),
    total: Total.describe("The whole period."),
    names: z
      .array(Total.extend({ name: z.string() }))
      .describe("By `group`: the 20 with the most requests, and the rest as `(others)`."),
    points: z
      .array(z.object({ at: z.iso.datetime(), name: z.string(), ...Figures }))
      .describe("Steps with requests, by time and name."),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "Analytics" });

const Questions = z
  .object({
    enabled: z.boolean().describe("The setting `analytics.topQuestions`. While it is off, nothing is counted or kept."),
    questions: z.array(z.object({ key: z.string(), question: z.string(), hits: z.int(), saved_usd: z.number() })),
  })
  .meta({ id: "TopQuestions" });

/** What the cache has done over time, to look at and to take away. */
export const analyticsEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/analytics",
    operationId: "getAnalytics",
    summary: "See how requests were answered over time",
    description:
      "In whole steps (UTC) that hold all of the time asked for, at most 1,500. Percentiles are read from buckets: the true one is within `latency_error` of what is told. Other data centres' last second may be missing; requests that the guard has turned away (401, 429) or that could not be read are not in it.",
    tag: "Analytics",
    guard: "tenant",
    query: z.strictObject({
      ...PeriodParameters,
      group: z
        .enum(["none", "outcome", "kind", "model", "tenant", "code"])
        .default("none")
        .describe("By what requests are told apart. `kind` takes all hits as one; `code` tells errors only."),
      ...pageParameters(/^\d{1,15}~.{0,300}$/u, { most: 5_000, usual: 2_000 }),
    }),
    responses: { 200: { description: "The counts", schema: Analytics } },
    problems: [403],
    async handle(c, { query: { scope, group, limit, cursor, ...asked } }) {
      const whose = whoseOf(c, scope);
      const stretch = periodOf(c, asked);
      await writeTallies(c.env.DB);
      const { total, names } = await readTotals(c.env.DB, whose, stretch, group);
      const told = names.map(({ name }) => name);
      const after = cursor === undefined ? null : cursorOf(cursor);
      const rows = await readPoints(c.env.DB, whose, stretch, { group, names: told, after, limit });
      const { page, nextCursor } = pageOf(rows, limit, ({ at, name }) => `${at}~${name}`);
      const answer: z.infer<typeof Analytics> = {
        scope,
        from: timeText(stretch.from),
        to: timeText(stretch.to),
        step: stretch.name,
        latency_error: LATENCY_ERROR,
        total: totalOf(total),
        names: names.map((each) => ({ name: each.name, ...totalOf(each) })),
        points: page.map((point) => ({ at: timeText(point.at), name: point.name, ...figuresOf(point) })),
        next_cursor: nextCursor,
      };
      return c.json(answer, 200, { "cache-control": "no-store" });
    },
  }),
  endpoint({
    method: "get",
    path: "/v1/analytics/export",
    operationId: "exportAnalytics",
    summary: "Take the counts away as CSV or JSON",
    description:
      "A row for each step, tenant, outcome, model and error code. In CSV a text that a spreadsheet would compute has an apostrophe before it. An export that breaks off ends the connection, never as if it were whole.",
    tag: "Analytics",
    guard: "tenant",
    query: z.strictObject({ ...PeriodParameters, format: z.enum(["csv", "json"]).default("csv") }),
    responses: {
      200: {
        description: "The rows: with `format=json` an array of objects with the same names",
        contentType: "text/csv",
      },
    },
    problems: [403],
    async handle(c, { query: { scope, format, ...asked } }) {
      const whose = whoseOf(c, scope);
      const stretch = periodOf(c, asked);
      await writeTallies(c.env.DB);
      const { contentType } = FORMATS[format];
      const day = timeText(stretch.from).slice(0, 10);
      return c.body(tableBody(format, detailsTable(c.env.DB, whose, stretch)), 200, {
        "content-type": contentType,
        "content-disposition": `attachment; filename="edge-cache-${scope}-${day}.${format}"`,
        "cache-control": "no-store",
      });
    },
  }),
  endpoint({
    method: "get",
    path: "/v1/analytics/questions",
    operationId: "listTopQuestions",
    summary: "See which questions are answered from the cache most often",
    description:
      "Of the key's tenant, in whole days. Only with the setting `analytics.topQuestions`, and never of requests that went past the cache.",
    tag: "Analytics",
    guard: "tenant",
    query: z.strictObject({
      from: Time.optional().describe("A week before `to` when left out."),
      to: PeriodParameters.to,
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
    responses: { 200: { description: "The most asked first", schema: Questions } },
    async handle(c, { query: { from, to, limit } }) {
      const enabled = c.get("settings").analytics.topQuestions;
      if (!enabled) return c.json({ enabled, questions: [] } satisfies z.infer<typeof Questions>);
      await writeTallies(c.env.DB);
      const end = to === undefined ? now(c.env) : Date.parse(to);
      const start = from === undefined ? end - 7 * STEPS["1d"] : Date.parse(from);
      const { tenant } = c.get("caller");
      const stretch = { tenant, from: floor(start, STEPS["1d"]), to: end, limit };
      const questions = (await readTopQuestions(c.env.DB, stretch)).map(({ key, question, hits, savedNano }) => ({
        key,
        question,
        hits,
        saved_usd: usdOf(savedNano),
      }));
      return c.json({ enabled, questions } satisfies z.infer<typeof Questions>, 200, { "cache-control": "no-store" });
    },
  }),
];

/** @throws Problem 403 */
function whoseOf(c: Context<HttpEnv>, scope: "tenant" | "stack"): Whose {
  const caller = c.get("caller");
  if (scope === "tenant") return { tenant: caller.tenant };
  if (caller.scope === "admin") return "stack";
  throw new Problem(403, "admin_only", "only an admin key may see the whole stack's analytics; leave `scope` out");
}

/** @throws Problem 400 */
function periodOf(
  c: Context<HttpEnv>,
  { from, to, step }: { from?: string | undefined; to?: string | undefined; step?: StepName | undefined },
): Period {
  const time = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  try {
    return period({ from: time(from), to: time(to), step }, c.get("settings").analytics, now(c.env));
  } catch (error) {
    if (!(error instanceof PeriodError)) throw error;
    const { field: path, message } = error;
    throw new Problem(400, "invalid_request", `${path}: ${message}`, { errors: [{ path, message }] });
  }
}

function cursorOf(text: string): Cursor {
  const [at = "", ...name] = text.split("~");
  return { at: Number(at), name: name.join("~") };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function totalOf(told: Told): z.infer<typeof Total> {
  const answered = told.hits + told.misses;
  return { ...figuresOf(told), hit_rate: answered === 0 ? null : told.hits / answered };
}

function figuresOf(told: Told) {
  const { requests, hits, misses, bypassed, errors } = told;
  return {
    requests,
    hits,
    misses,
    bypassed,
    errors,
    input_tokens: told.inputTokens,
    output_tokens: told.outputTokens,
    cost_usd: usdOf(told.costNano),
    saved_usd: usdOf(told.savedNano),
    ...percentilesOf(told),
  };
}

function percentilesOf({ times }: Counts) {
  return { p50_ms: percentile(times, 0.5), p95_ms: percentile(times, 0.95), p99_ms: percentile(times, 0.99) };
}

function detailsTable(database: D1Database, whose: Whose, stretch: Period): Table {
  const names =
    "at tenant outcome model error_code requests input_tokens output_tokens cost_usd saved_usd p50_ms p95_ms p99_ms";
  return {
    names: names.split(" "),
    async *rows() {
      for await (const rows of readDetails(database, whose, stretch)) {
        yield rows.map((row) => {
          const { p50_ms, p95_ms, p99_ms } = percentilesOf(row);
          const { tenant, outcome, model, code, requests, inputTokens, outputTokens } = row;
          const money = [usdOf(row.costNano), usdOf(row.savedNano)];
          return [
            timeText(row.at),
            tenant,
            outcome,
            model,
            code,
            requests,
            inputTokens,
            outputTokens,
            ...money,
            p50_ms,
            p95_ms,
            p99_ms,
          ];
        });
      }
    },
  };
}
