import { now } from "@tenner/worker-kit/clock";
import { canonical } from "@tenner/worker-kit/json-schema";
import { log } from "@tenner/worker-kit/log";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import { checkGivenAddress } from "@tenner/worker-kit/webhook-delivery";
import { JobStore } from "./adapters/job-store.ts";
import type { JobRecord } from "./domain/job.ts";
import { type JobRequest, jobTimes } from "./domain/job-request.ts";

/** A submission and where it came from. */
export interface Submission {
  readonly tenant: string;
  readonly request: JobRequest;
  readonly source: string | null;
  /** Unique within the tenant; null when every submission is a new job. */
  readonly idempotencyKey: string | null;
}

/**
 * Writes the record, then sets the job's alarm. When the second fails, the job exists all the same: the sweep finds
 * it. So the answer is the same in both cases.
 *
 * @throws Problem 400 for a webhook address inside the network, or a start too far ahead
 */
export async function submit(
  env: Env,
  settings: Settings,
  submission: Submission,
): Promise<{ job: JobRecord; created: boolean; sameRequest: boolean }> {
  const { request, tenant } = submission;
  const at = now(env);
  const times = jobTimes(request, at, settings.limits.jobDeadlineSeconds);
  if (!times) throw invalid("/not_before", "at most 7 days ahead");
  if (request.webhook_url !== undefined) {
    checkGivenAddress(request.webhook_url, "/webhook_url", settings.allowedWebhookHosts);
  }
  const requestHash = await sha256Hex(canonical(request));
  const { job, created } = await new JobStore(env.DB).create({
    id: sortableId("job", at),
    tenant,
    task: request.task,
    request: JSON.stringify(request),
    request_hash: requestHash,
    idempotency_key: submission.idempotencyKey,
    source: submission.source,
    reason: times.notBefore > at ? "delayed" : null,
    not_before: times.notBefore,
    deadline_at: times.deadlineAt,
    created_at: at,
    expires_at: times.deadlineAt + settings.limits.jobRetentionDays * 86_400_000,
    webhook_url: request.webhook_url ?? null,
    metadata: JSON.stringify(request.metadata),
  });
  const sameRequest = job.request_hash === requestHash;
  if (sameRequest && job.status === "queued") await wake(env, job.id);
  return { job, created, sameRequest };
}

/** Makes sure that a job's object has an alarm. */
async function wake(env: Env, id: string): Promise<void> {
  try {
    await env.JOBS.getByName(id).start(id);
  } catch (error) {
    log("warn", "job_not_started", { job: id, message: String(error) });
  }
}

function invalid(path: string, message: string): Problem {
  return new Problem(400, "invalid_request", `${path}: ${message}`, { errors: [{ path, message }] });
}
