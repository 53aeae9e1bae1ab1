import { usdOf } from "@tenner/worker-kit/ledger";
import * as z from "zod";

/** Where a batch is. `receiving` and `loading` come before its first item is worked on; the last three are ends. */
export const BatchStatus = z.enum(["receiving", "loading", "running", "waiting", "done", "cancelled", "failed"]);
export type BatchStatus = z.infer<typeof BatchStatus>;

/** Why a tenant's batches wait. */
export const WaitReason = z.enum(["budget_exhausted", "model_unavailable", "rate_limited"]);
export type WaitReason = z.infer<typeof WaitReason>;

/** How far it is told that a batch ended. */
const NotifyState = z.enum(["pending", "delivered", "gave_up"]);
type NotifyState = z.infer<typeof NotifyState>;

/** A row of `batches`. Times in ms, money in nano-dollars. */
export interface BatchRecord {
  readonly id: string;
  readonly tenant: string;
  readonly pipeline: string;
  /** JSON, checked by the pipeline's schema. */
  readonly options: string;
  readonly status: BatchStatus;
  /** JSON: where its items come from. */
  readonly source: string;
  readonly total: number;
  readonly waiting: number;
  readonly released: number;
  readonly done: number;
  readonly dead: number;
  readonly cancelled: number;
  readonly version: number;
  readonly changed_at: number;
  readonly wait_reason: WaitReason | null;
  readonly wait_message: string | null;
  readonly wait_until: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly idempotency_key: string | null;
  readonly request_hash: string;
  readonly webhook_url: string | null;
  readonly agent_job: string | null;
  readonly run: number;
  readonly webhook_state: NotifyState | null;
  readonly webhook_attempts: number;
  readonly webhook_at: number | null;
  readonly job_state: NotifyState | null;
  readonly job_attempts: number;
  readonly job_at: number | null;
  readonly job_id: string | null;
  readonly calls: number;
  readonly calls_saved: number;
  readonly tokens_saved: number;
  readonly saved_nano: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_nano: number;
  readonly created_at: number;
  readonly loaded_at: number | null;
  readonly started_at: number | null;
  readonly cancelled_at: number | null;
  readonly ended_at: number | null;
  readonly expires_at: number | null;
}

/** Whether nothing more happens to a batch, unless it is redriven. */
export function isEnded({ status }: Pick<BatchRecord, "status">): boolean {
  return status === "done" || status === "cancelled" || status === "failed";
}

const Time = z.iso.datetime().nullable();
const Count = z.int().min(0);

const Notified = z
  .object({ state: NotifyState, attempts: Count })
  .nullable()
  .describe("Null: not asked for, or the batch has not ended.");

/** A batch as callers see it. */
export const Batch = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    options: z.record(z.string(), z.unknown()),
    status: BatchStatus,
    cancelling: z.boolean().describe("A cancel was asked for; what had begun is still being finished."),
    counts: z.object({
      total: Count.describe("Grows until the batch is loaded."),
      waiting: Count,
      released: Count.describe("Being worked on."),
      done: Count,
      dead: Count,
      cancelled: Count,
    }),
    version: Count.describe("Raised by every change."),
    wait: z
      .object({
        reason: WaitReason,
        message: z.string(),
        until: Time.describe("When it is looked again."),
      })
      .nullable()
      .describe("Why nothing of this batch is begun at the moment. No attempt is used up by it."),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    model: z
      .object({
        calls: Count.describe("Questions whose answers were used."),
        input_tokens: Count,
        output_tokens: Count,
        cost_usd: z.number(),
        calls_saved: Count.describe("Questions that sharing made needless."),
        tokens_saved: Count.describe("Instructions that were not repeated, about."),
        saved_usd: z.number().describe("What those tokens would have cost, about."),
      })
      .describe("What its questions to models took."),
    webhook: Notified,
    agent_job: z.object({ state: NotifyState, attempts: Count, id: z.string().nullable() }).nullable(),
    run: Count.describe("Raised by a redrive."),
    created_at: z.iso.datetime(),
    loaded_at: Time,
    started_at: Time,
    ended_at: Time,
    expires_at: Time,
  })
  .meta({ id: "Batch" });
export type Batch = z.infer<typeof Batch>;

/** What a caller sees of a batch. */
export function toBatch(record: BatchRecord): Batch {
  const { total, waiting, released, done, dead, cancelled } = record;
  return {
    id: record.id,
    pipeline: record.pipeline,
    // Written by us from an object.
    options: JSON.parse(record.options) as Batch["options"],
    status: record.status,
    cancelling: record.cancelled_at !== null && !isEnded(record),
    counts: { total, waiting, released, done, dead, cancelled },
    version: record.version,
    wait:
      record.wait_reason === null
        ? null
        : { reason: record.wait_reason, message: record.wait_message ?? "", until: iso(record.wait_until) },
    error:
      record.error_code === null ? null : { code: record.error_code, message: record.error_message ?? "no message" },
    model: {
      calls: record.calls,
      input_tokens: record.input_tokens,
      output_tokens: record.output_tokens,
      cost_usd: usdOf(record.cost_nano),
      calls_saved: record.calls_saved,
      tokens_saved: record.tokens_saved,
      saved_usd: usdOf(record.saved_nano),
    },
    webhook: record.webhook_state === null ? null : { state: record.webhook_state, attempts: record.webhook_attempts },
    agent_job:
      record.job_state === null ? null : { state: record.job_state, attempts: record.job_attempts, id: record.job_id },
    run: record.run,
    created_at: new Date(record.created_at).toISOString(),
    loaded_at: iso(record.loaded_at),
    started_at: iso(record.started_at),
    ended_at: iso(record.ended_at),
    expires_at: iso(record.expires_at),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
