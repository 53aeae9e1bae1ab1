import { usdOf } from "@tenner/worker-kit/ledger";
import { differenceOf, type Estimate, meanOf, type RatioSums, rateOf } from "./interval.ts";

/** Everything that is compared, each as a quotient of sums over callers. */
const METRICS = {
  hit_rate: { x: "hits + misses", y: "hits", estimate: rateOf, unit: 1 },
  error_rate: { x: "requests", y: "errors", estimate: rateOf, unit: 1 },
  cost_usd: { x: "requests - errors", y: "cost_nano", estimate: meanOf, unit: usdOf(1) },
  latency_ms: { x: "requests - errors", y: "ms", estimate: meanOf, unit: 1 },
  score: { x: "ifnull(rated, 0)", y: "ifnull(score, 0)", estimate: rateOf, unit: 1 },
} as const;
export type Metric = keyof typeof METRICS;
const METRIC_NAMES = Object.keys(METRICS) as Metric[]; // its own keys

/** One variant's figures, without its comparison. */
export interface VariantFigures {
  readonly experiment: string;
  readonly variant: string;
  readonly subjects: number;
  readonly requests: number;
  readonly errors: number;
  readonly hits: number;
  readonly misses: number;
  readonly fallbacks: number;
  readonly rated: number;
  readonly costUsd: number;
  readonly savedUsd: number;
  readonly metrics: Readonly<Record<Metric, Estimate | null>>;
}

/** The figures of a tenant's experiments, or of all tenants' (null). */
export async function readFigures(database: D1Database, tenant: string | null): Promise<VariantFigures[]> {
  const { results } = await database.prepare(FIGURES).bind(tenant).all<Record<string, string | number>>();
  return results.map((row) => {
    const number = (column: string) => Number(row[column] ?? 0);
    const metrics = METRIC_NAMES.map((name) => [name, estimateOf(name, number)] as const);
    return {
      experiment: String(row["experiment"]),
      variant: String(row["variant"]),
      subjects: number("subjects"),
      requests: number("requests"),
      errors: number("errors"),
      hits: number("hits"),
      misses: number("misses"),
      fallbacks: number("fallbacks"),
      rated: number("rated"),
      costUsd: usdOf(number("cost_nano")),
      savedUsd: usdOf(number("saved_nano")),
      metrics: Object.fromEntries(metrics) as Record<Metric, Estimate | null>, // one for each name
    };
  });
}

/** How a variant's figures differ from another's; null where one of them has none. */
export function compare(one: VariantFigures, other: VariantFigures): Record<Metric, Estimate | null> {
  const differences = METRIC_NAMES.map((name) => {
    const [mine, theirs] = [one.metrics[name], other.metrics[name]];
    return [name, mine && theirs && differenceOf(mine, theirs)] as const;
  });
  return Object.fromEntries(differences) as Record<Metric, Estimate | null>; // one for each name
}

function estimateOf(name: Metric, number: (column: string) => number): Estimate | null {
  const { estimate, unit } = METRICS[name];
  const sum = (part: keyof RatioSums) => number(`${name}_${part}`);
  const [x, y] = [sum("x"), sum("y") * unit];
  return estimate({
    subjects: sum("subjects"),
    x,
    y,
    xx: sum("xx"),
    yy: sum("yy") * unit ** 2,
    xy: sum("xy") * unit,
  });
}

/** In floating point: the squares of nano-dollars pass whole numbers. */
const SUMS = METRIC_NAMES.map((name) => {
  const [x, y] = [`(1.0 * (${METRICS[name].x}))`, `(1.0 * (${METRICS[name].y}))`];
  return `sum(${x} > 0) AS ${name}_subjects, total(${x}) AS ${name}_x, total(${y}) AS ${name}_y,
    total(${x} * ${x}) AS ${name}_xx, total(${y} * ${y}) AS ${name}_yy, total(${x} * ${y}) AS ${name}_xy`;
}).join(",\n");

const FIGURES = `WITH said AS (
    SELECT tenant, experiment, variant, subject, count(*) AS rated, sum(score) AS score
    FROM feedback WHERE experiment IS NOT NULL AND (?1 IS NULL OR tenant = ?1) GROUP BY 1, 2, 3, 4
  )
  SELECT experiment, variant, count(*) AS subjects, sum(requests) AS requests, sum(errors) AS errors,
    sum(hits) AS hits, sum(misses) AS misses, sum(fallbacks) AS fallbacks, total(rated) AS rated, sum(cost_nano) AS cost_nano,
    sum(saved_nano) AS saved_nano, ${SUMS}
  FROM experiment_subjects LEFT JOIN said USING (tenant, experiment, variant, subject)
  WHERE ?1 IS NULL OR tenant = ?1 GROUP BY experiment, variant ORDER BY experiment, variant`;
