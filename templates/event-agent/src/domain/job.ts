import * as z from "zod";
import { ClassifyOutput } from "./tasks/classify.ts";
import { ExtractOutput } from "./tasks/extract.ts";
import { ReplyOutput } from "./tasks/reply.ts";
import { SummarizeOutput } from "./tasks/summarize.ts";

export const JobStatus = z.enum(["queued", "running", "done", "failed", "cancelled"]).meta({ id: "JobStatus" });
export type JobStatus = z.infer<typeof JobStatus>;

export const WebhookState = z.enum(["pending", "delivered", "gave_up"]);
export type WebhookState = z.infer<typeof WebhookState>;

/** A job's record as D1 keeps it. Times are milliseconds since 1970. See `migrations/` for what each column means. */
export interface JobRecord {
  readonly id: string;
  readonly tenant: string;
  readonly task: string;
  readonly request: string;
  readonly request_hash: string;
  readonly idempotency_key: string | null;
  readonly source: string | null;
  readonly status: JobStatus;
  readonly reason: string | null;
  readonly run: number;
  readonly attempt: number;
  readonly attempts_in_run: number;
  readonly not_before: number;
  readonly deadline_at: number;
  readonly lease_until: number | null;
  readonly wake_at: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly expires_at: number;
  readonly model: string | null;
  readonly fallback: number;
  readonly stand_in: number;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly result_key: string | null;
  readonly webhook_url: string | null;
  readonly webhook_state: WebhookState | null;
  readonly webhook_attempts: number;
  readonly metadata: string;
}

const time = z.iso.datetime();
const maybeTime = time.nullable();

/** A job as callers see it. */
export const Job = z
  .object({
    id: z.string(),
    task: z.enum(["summarize", "extract", "classify", "reply"]),
    status: JobStatus,
    reason: z
      .string()
      .nullable()
      .describe("Why a queued job waits: `delayed`, `tenant_busy`, or the last failure's code."),
    not_before: maybeTime.describe("When a queued job is tried next."),
    deadline_at: time,
    run: z.int().describe("1, and one more with every retry on request."),
    attempts: z.int().describe("Since it was submitted or last retried."),
    created_at: time,
    started_at: maybeTime,
    finished_at: maybeTime,
    expires_at: time.describe("When the job and its answer are removed."),
    duration_ms: z.int().nullable().describe("From the first start to the end."),
    model: z.string().nullable(),
    fallback: z.boolean().describe("The primary model failed; another one answered."),
    stand_in: z.boolean().describe("No model answered but the local cloud's stand-in for one."),
    usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }).nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    source: z.string().nullable().describe("The hook it came from."),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    webhook: z.object({ url: z.string(), state: WebhookState.nullable(), attempts: z.int() }).nullable(),
    links: z.object({ self: z.string(), result: z.string(), events: z.string(), retry: z.string() }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

/** An answer as it lies in R2 and as callers read it. */
export const JobResult = z
  .object({
    id: z.string(),
    task: z.string(),
    output: z.union([SummarizeOutput, ExtractOutput, ClassifyOutput, ReplyOutput]).describe("By the task."),
    model: z.string(),
    fallback: z.boolean(),
    stand_in: z.boolean(),
    usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }),
    finished_at: time,
  })
  .meta({ id: "JobResult" });
export type JobResult = z.infer<typeof JobResult>;

/** True when nothing but a retry on request changes the job any more. */
export function isFinished(job: Pick<JobRecord, "status">): boolean {
  return job.status === "done" || job.status === "failed" || job.status === "cancelled";
}

/** Turns a record into what callers see. */
export function toJob(record: Omit<JobRecord, "request">): Job {
  const self = `/v1/jobs/${record.id}`;
  return {
    id: record.id,
    // Written by this Worker from parsed values, so these casts only restore what was known.
    task: record.task as Job["task"],
    metadata: JSON.parse(record.metadata) as Job["metadata"],
    status: record.status,
    reason: record.reason,
    not_before: record.status === "queued" ? iso(record.not_before) : null,
    deadline_at: iso(record.deadline_at),
    run: record.run,
    attempts: record.attempts_in_run,
    created_at: iso(record.created_at),
    started_at: isoOrNull(record.started_at),
    finished_at: isoOrNull(record.finished_at),
    expires_at: iso(record.expires_at),
    duration_ms:
      record.started_at !== null && record.finished_at !== null ? record.finished_at - record.started_at : null,
    model: record.model,
    fallback: record.fallback === 1,
    stand_in: record.stand_in === 1,
    usage:
      record.input_tokens === null || record.output_tokens === null
        ? null
        : { input_tokens: record.input_tokens, output_tokens: record.output_tokens },
    error: record.error_code === null ? null : { code: record.error_code, message: record.error_message ?? "" },
    source: record.source,
    webhook:
      record.webhook_url === null
        ? null
        : { url: record.webhook_url, state: record.webhook_state, attempts: record.webhook_attempts },
    links: { self, result: `${self}/result`, events: `${self}/events`, retry: `${self}/retry` },
  };
}

/** Milliseconds as an ISO time. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
