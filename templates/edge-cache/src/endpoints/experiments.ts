import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import type { Experiment as ExperimentSettings } from "@tenner/worker-kit/settings/experiments";
import * as z from "zod";
import { joinFeedback } from "../experiments/feedback.ts";
import { compare, readFigures, type VariantFigures } from "../experiments/figures.ts";
import { writeTrials } from "../experiments/record.ts";
import type { HttpEnv } from "../http-env.ts";

const Figure = z
  .object({
    value: z.number(),
    low: z.number().nullable().describe("The 95 % interval's lower bound; null with fewer than two callers."),
    high: z.number().nullable(),
  })
  .meta({ id: "Figure" });

const Figures = z
  .object({
    hit_rate: Figure.nullable().describe("Hits among hits and misses, 0 to 1."),
    error_rate: Figure.nullable(),
    cost_usd: Figure.nullable().describe("Of an answer, hits included."),
    latency_ms: Figure.nullable().describe("Mean time until an answer was whole."),
    score: Figure.nullable().describe("Mean of the feedback, 0 to 1."),
  })
  .meta({ id: "Figures" });

const VariantReport = z
  .object({
    name: z.string(),
    weight: z.number().nullable().describe("Null: it is not in the settings any more."),
    model: z.string().nullable(),
    subjects: z.int().describe("Callers that took part."),
    requests: z.int(),
    errors: z.int(),
    hits: z.int(),
    misses: z.int(),
    fallbacks: z.int().describe("Answered by another model, because the one that was asked had failed."),
    rated: z.int(),
    cost_usd: z.number(),
    saved_usd: z.number(),
    figures: Figures,
    against_first: Figures.nullable().describe("What its figures are above the first variant's; null for that one."),
  })
  .meta({ id: "VariantReport" });

const ExperimentReport = z
  .object({
    name: z.string(),
    share: z.number().nullable().describe("Null: it is not in the settings any more."),
    variants: z.array(VariantReport),
  })
  .meta({ id: "ExperimentReport" });

const ExperimentList = z
  .object({ confidence: z.number(), experiments: z.array(ExperimentReport) })
  .meta({ id: "ExperimentList" });

/** What experiments have come to. */
export const experimentEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/experiments",
    operationId: "listExperiments",
    summary: "See what experiments have come to, by variant",
    description:
      "Of the key's tenant, or with `scope=stack` and an admin key of all. Intervals are over callers, who are what was dealt: they hold for one look at a time that was chosen before. The last second of other data centres may be missing.",
    tag: "Experiments",
    guard: "tenant",
    query: z.strictObject({
      scope: z.enum(["tenant", "stack"]).default("tenant").describe("`stack` is for keys with scope `admin`."),
    }),
    responses: { 200: { description: "The figures", schema: ExperimentList } },
    problems: [403],
    async handle(c, { query: { scope } }) {
      const caller = c.get("caller");
      if (scope === "stack" && caller.scope !== "admin") {
        throw new Problem(403, "admin_only", "only an admin key may see all tenants' figures; leave `scope` out");
      }
      await writeTrials(c.env.DB);
      await joinFeedback(c.env.DB, now(c.env)).run();
      const figures = await readFigures(c.env.DB, scope === "stack" ? null : caller.tenant);
      const declared = c.get("settings").experiments;
      const gone = [...new Set(figures.map(({ experiment }) => experiment))].filter(
        (name) => !declared.some((each) => each.name === name),
      );
      const experiments = [
        ...declared.map((each) => reportOf(each.name, each, figures)),
        ...gone.map((name) => reportOf(name, undefined, figures)),
      ];
      const list: z.infer<typeof ExperimentList> = { confidence: 0.95, experiments };
      return c.json(list, 200, { "cache-control": "no-store" });
    },
  }),
];

function reportOf(
  name: string,
  settings: ExperimentSettings | undefined,
  all: readonly VariantFigures[],
): z.infer<typeof ExperimentReport> {
  const figures = all.filter(({ experiment }) => experiment === name);
  const declared = settings?.variants ?? [];
  const names = [...new Set([...declared.map((each) => each.name), ...figures.map(({ variant }) => variant)])];
  const found = names.map((each) => figures.find(({ variant }) => variant === each) ?? nothing(name, each));
  return {
    name,
    share: settings?.share ?? null,
    variants: found.map(({ variant, metrics, costUsd, savedUsd, ...figure }, place) => {
      const own = declared.find((each) => each.name === variant);
      const first = found[0];
      const mine = found[place];
      return {
        name: variant,
        weight: own?.weight ?? null,
        model: own?.model ?? null,
        subjects: figure.subjects,
        requests: figure.requests,
        errors: figure.errors,
        hits: figure.hits,
        misses: figure.misses,
        fallbacks: figure.fallbacks,
        rated: figure.rated,
        cost_usd: costUsd,
        saved_usd: savedUsd,
        figures: notBelowNothing(metrics),
        against_first: place > 0 && first && mine ? compare(mine, first) : null,
      };
    }),
  };
}

/** None of the figures can be less than 0, whatever an interval around few callers says. */
function notBelowNothing(metrics: VariantFigures["metrics"]): VariantFigures["metrics"] {
  const bounded = Object.entries(metrics).map(([name, figure]) => [
    name,
    figure && { ...figure, low: figure.low === null ? null : Math.max(0, figure.low) },
  ]);
  return Object.fromEntries(bounded) as VariantFigures["metrics"]; // the same names
}

/** Nobody has taken part yet. */
function nothing(experiment: string, variant: string): VariantFigures {
  const metrics = { hit_rate: null, error_rate: null, cost_usd: null, latency_ms: null, score: null };
  const counts = {
    subjects: 0,
    requests: 0,
    errors: 0,
    hits: 0,
    misses: 0,
    fallbacks: 0,
    rated: 0,
    costUsd: 0,
    savedUsd: 0,
  };
  return { experiment, variant, ...counts, metrics };
}
