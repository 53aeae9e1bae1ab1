/** What is counted of each product, as Cloudflare bills it. The unit is in the name, or it is a number of what is named. */
export const METERS = [
  "workers.requests",
  "workers.cpu_ms",
  "workers_logs.events",
  "durable_objects.requests",
  "durable_objects.duration_ms",
  "durable_objects.rows_read",
  "durable_objects.rows_written",
  "d1.rows_read",
  "d1.rows_written",
  "kv.reads",
  "kv.writes",
  "kv.deletes",
  "kv.lists",
  "r2.class_a",
  "r2.class_b",
  "queues.operations",
  "vectorize.queried_dimensions",
  "workers_ai.neurons",
  "ai_gateway.requests",
  "analytics_engine.points",
  "analytics_engine.queries",
] as const;

/** One thing that is counted. */
export type Meter = (typeof METERS)[number];

/** How much of some meters was used. */
export type Amounts = Readonly<Partial<Record<Meter, number>>>;

/**
 * Adds to what a Worker has used.
 *
 * @param script empty: the Worker whose binding is being answered; where there is none, the API or the whole account
 */
export type CountUsage = (accountId: string, script: string, amounts: Amounts) => void;

/** Whether this system tells what a process has computed, and so what Workers use of the processor. */
export const TELLS_PROCESSOR_TIME = process.platform === "linux";
