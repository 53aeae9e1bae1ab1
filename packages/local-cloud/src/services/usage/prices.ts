import type { Meter } from "../../core/usage.ts";

/** When the pages below said so. */
export const PRICES_OF = "2026-11-21";

/** US dollars a month that the paid plan costs, used or not. @see https://developers.cloudflare.com/workers/platform/pricing/ */
export const PAID_PLAN_USD = 5;

/** What is billed and is not a count: how much there is. */
export type Stock =
  | "durable_objects.stored_gb"
  | "d1.stored_gb"
  | "kv.stored_gb"
  | "r2.stored_gb"
  | "vectorize.stored_dimensions";

/** How much of something the free plan gives. */
interface FreeAllowance {
  readonly amount: number;
  /** `total`: at any time, for what is stored. */
  readonly per: "day" | "month" | "total";
  /** What happens beyond it. */
  readonly beyond: "refused" | "billed";
}

/** One line of a bill. */
export interface Price {
  readonly product: string;
  /** What is counted, as the bill says it. */
  readonly what: string;
  readonly meter: Meter | Stock;
  /** How many of the meter's units are one of the bill's, e.g. 1000 ms in a second. @default 1 */
  readonly divisor?: number;
  readonly free: FreeAllowance | undefined;
  /** In a month of the paid plan, before anything is charged. `daily`: what the free plan gives, day by day. */
  readonly included: number | "daily";
  /** US dollars for `unit` more. */
  readonly usd: number;
  readonly unit: number;
  /** A unit that was begun is charged whole. */
  readonly wholeUnits?: true;
  /** Said beside the line: how exact the count is. */
  readonly note?: string;
  readonly source: string;
}

const MILLION = 1_000_000;
const DOCS = "https://developers.cloudflare.com";
const daily = (amount: number): FreeAllowance => ({ amount, per: "day", beyond: "refused" });
const total = (amount: number): FreeAllowance => ({ amount, per: "total", beyond: "refused" });

/** Cloudflare's list prices, every line with the page that it is from. Read at {@link PRICES_OF}. */
export const PRICES: readonly Price[] = [
  {
    product: "Workers",
    what: "requests",
    meter: "workers.requests",
    free: daily(100_000),
    included: 10 * MILLION,
    usd: 0.3,
    unit: MILLION,
    note: "HTTP requests, crons and queue batches",
    source: `${DOCS}/workers/platform/pricing/`,
  },
  {
    product: "Workers",
    what: "CPU ms",
    meter: "workers.cpu_ms",
    // Limited for each request, not for the account: see `CPU_MS_A_REQUEST`.
    free: undefined,
    included: 30 * MILLION,
    usd: 0.02,
    unit: MILLION,
    note: "at most: the whole runtime's processor time, with the simulated D1, KV, R2 and Durable Objects in it",
    source: `${DOCS}/workers/platform/pricing/`,
  },
  {
    product: "Workers Logs",
    what: "events",
    meter: "workers_logs.events",
    free: daily(200_000),
    included: 20 * MILLION,
    usd: 0.6,
    unit: MILLION,
    note: "one a call, line and exception; another price list holds from 2026-12-01",
    source: `${DOCS}/workers/observability/logs/workers-logs/`,
  },
  {
    product: "Durable Objects",
    what: "requests",
    meter: "durable_objects.requests",
    free: daily(100_000),
    included: MILLION,
    usd: 0.15,
    unit: MILLION,
    wholeUnits: true,
    note: "fetches, RPC calls, alarms, and WebSocket messages, of which 20 are one",
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  {
    product: "Durable Objects",
    what: "GB-s",
    meter: "durable_objects.duration_ms",
    // 128 MB for as long as it works.
    divisor: 1000 / 0.128,
    free: daily(13_000),
    included: 400_000,
    usd: 12.5,
    unit: MILLION,
    wholeUnits: true,
    note: "at most: calls of one object at the same time are added up; a call lasts as long as a timer that it has set",
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  {
    product: "Durable Objects",
    what: "rows read",
    meter: "durable_objects.rows_read",
    free: daily(5 * MILLION),
    included: 25_000 * MILLION,
    usd: 0.001,
    unit: MILLION,
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  {
    product: "Durable Objects",
    what: "rows written",
    meter: "durable_objects.rows_written",
    free: daily(100_000),
    included: 50 * MILLION,
    usd: 1,
    unit: MILLION,
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  {
    product: "Durable Objects",
    what: "GB stored",
    meter: "durable_objects.stored_gb",
    free: total(5),
    included: 5,
    usd: 0.2,
    unit: 1,
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  {
    product: "D1",
    what: "rows read",
    meter: "d1.rows_read",
    free: daily(5 * MILLION),
    included: 25_000 * MILLION,
    usd: 0.001,
    unit: MILLION,
    source: `${DOCS}/d1/platform/pricing/`,
  },
  {
    product: "D1",
    what: "rows written",
    meter: "d1.rows_written",
    free: daily(100_000),
    included: 50 * MILLION,
    usd: 1,
    unit: MILLION,
    source: `${DOCS}/d1/platform/pricing/`,
  },
  {
    product: "D1",
    what: "GB stored",
    meter: "d1.stored_gb",
    free: total(5),
    included: 5,
    usd: 0.75,
    unit: 1,
    source: `${DOCS}/d1/platform/pricing/`,
  },
  {
    product: "KV",
    what: "reads",
    meter: "kv.reads",
    free: daily(100_000),
    included: 10 * MILLION,
    usd: 0.5,
    unit: MILLION,
    source: `${DOCS}/kv/platform/pricing/`,
  },
  {
    product: "KV",
    what: "writes",
    meter: "kv.writes",
    free: daily(1_000),
    included: MILLION,
    usd: 5,
    unit: MILLION,
    source: `${DOCS}/kv/platform/pricing/`,
  },
  {
    product: "KV",
    what: "deletes",
    meter: "kv.deletes",
    free: daily(1_000),
    included: MILLION,
    usd: 5,
    unit: MILLION,
    source: `${DOCS}/kv/platform/pricing/`,
  },
  {
    product: "KV",
    what: "lists",
    meter: "kv.lists",
    free: daily(1_000),
    included: MILLION,
    usd: 5,
    unit: MILLION,
    source: `${DOCS}/kv/platform/pricing/`,
  },
  {
    product: "KV",
    what: "GB stored",
    meter: "kv.stored_gb",
    free: total(1),
    included: 1,
    usd: 0.5,
    unit: 1,
    source: `${DOCS}/kv/platform/pricing/`,
  },
  {
    product: "R2",
    what: "class A operations",
    meter: "r2.class_a",
    free: { amount: MILLION, per: "month", beyond: "billed" },
    included: MILLION,
    usd: 4.5,
    unit: MILLION,
    wholeUnits: true,
    note: "puts, lists and uploads in parts; deletes are free",
    source: `${DOCS}/r2/pricing/`,
  },
  {
    product: "R2",
    what: "class B operations",
    meter: "r2.class_b",
    free: { amount: 10 * MILLION, per: "month", beyond: "billed" },
    included: 10 * MILLION,
    usd: 0.36,
    unit: MILLION,
    wholeUnits: true,
    note: "gets and heads",
    source: `${DOCS}/r2/pricing/`,
  },
  {
    product: "R2",
    what: "GB stored",
    meter: "r2.stored_gb",
    free: { amount: 10, per: "total", beyond: "billed" },
    included: 10,
    usd: 0.015,
    unit: 1,
    wholeUnits: true,
    source: `${DOCS}/r2/pricing/`,
  },
  {
    product: "Queues",
    what: "operations",
    meter: "queues.operations",
    free: daily(10_000),
    included: MILLION,
    usd: 0.4,
    unit: MILLION,
    note: "a write, a read or a delete of 64 KB; messages that grow too old are not in it",
    source: `${DOCS}/queues/platform/pricing/`,
  },
  {
    product: "Vectorize",
    what: "dimensions queried",
    meter: "vectorize.queried_dimensions",
    free: { amount: 30 * MILLION, per: "month", beyond: "refused" },
    included: 50 * MILLION,
    usd: 0.01,
    unit: MILLION,
    note: "of the queries, and once of what is stored",
    source: `${DOCS}/vectorize/platform/pricing/`,
  },
  {
    product: "Vectorize",
    what: "dimensions stored",
    meter: "vectorize.stored_dimensions",
    free: total(5 * MILLION),
    included: 10 * MILLION,
    usd: 0.05,
    unit: 100 * MILLION,
    source: `${DOCS}/vectorize/platform/pricing/`,
  },
  {
    product: "Workers AI",
    what: "neurons",
    meter: "workers_ai.neurons",
    free: daily(10_000),
    included: "daily",
    usd: 0.011,
    unit: 1_000,
    note: "of both plans 10,000 a day are free",
    source: `${DOCS}/workers-ai/platform/pricing/`,
  },
  {
    product: "Analytics Engine",
    what: "data points",
    meter: "analytics_engine.points",
    free: daily(100_000),
    included: 10 * MILLION,
    usd: 0.25,
    unit: MILLION,
    source: `${DOCS}/analytics/analytics-engine/pricing/`,
  },
  {
    product: "Analytics Engine",
    what: "queries",
    meter: "analytics_engine.queries",
    free: daily(10_000),
    included: MILLION,
    usd: 1,
    unit: MILLION,
    source: `${DOCS}/analytics/analytics-engine/pricing/`,
  },
];

/** Processor time that a request may take on the free plan, in ms. */
export const CPU_MS_A_REQUEST = 10;

/** What has no price, and why. */
export const FREE_OF_CHARGE: readonly { readonly product: string; readonly why: string }[] = [
  { product: "AI Gateway", why: "calls, cache and limits cost nothing; logs are kept up to a number by plan" },
  { product: "Static assets", why: "requests that a file answers are free and not counted" },
  { product: "Rate limits, service bindings, Cache", why: "no price" },
];

/** What costs something, and is not on the bill. */
export const NOT_PRICED: readonly { readonly product: string; readonly why: string }[] = [
  { product: "Models of other providers", why: "their own bills: tenner bill shows the ledger's share" },
  { product: "R2 Infrequent Access, Logpush", why: "not emulated" },
];
