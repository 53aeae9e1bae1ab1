import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { EVENT_STREAM_HEADERS, lastEventId } from "@tenner/worker-kit/event-stream";
import { IDEMPOTENCY_KEY, idempotencyConflict, idempotencyKey, REPLAYED } from "@tenner/worker-kit/idempotency-key";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import type { Context } from "hono";
import * as z from "zod";
import { JobStore } from "../adapters/job-store.ts";
import { ResultStore } from "../adapters/result-store.ts";
import { isFinished, Job, type JobRecord, JobResult, JobStatus, toJob } from "../domain/job.ts";
import { JobRequest } from "../domain/job-request.ts";
import type { HttpEnv } from "../http-env.ts";
import { submit } from "../submit.ts";

const tag = "Jobs";
const JOB_ID = /^job_[0-9a-z]{26}$/;

const JobQuery = z.strictObject({
  status: JobStatus.optional(),
  ...pageParameters(JOB_ID),
});

const JobList = z.object({ jobs: z.array(Job), next_cursor: z.string().nullable() }).meta({ id: "JobList" });

/** Jobs: submit, look, cancel, retry. */
export const jobEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/jobs",
    operationId: "submitJob",
    summary: "Submit a job",
    description:
      "Answers at once; the work is done afterwards. With an `Idempotency-Key` the same submission gives the same job, however often it is sent.",
    tag,
    guard: "submission",
    headers: IDEMPOTENCY_KEY,
    body: JobRequest,
    responses: { 202: { description: "Queued. `location` is the job's address.", schema: Job } },
    problems: [409, 429],
    async handle(c, { body }) {
      const key = idempotencyKey(c.req.header("idempotency-key"));
      const { tenant } = c.get("caller");
      const { job, created, sameRequest } = await submit(c.env, c.get("settings"), {
        tenant,
        request: body,
        source: null,
        idempotencyKey: key === null ? null : `key:${key}`,
      });
      if (!sameRequest) throw idempotencyConflict();
      return accepted(c, job, created);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/jobs",
    operationId: "listJobs",
    summary: "List jobs, newest first",
    tag,
    guard: "tenant",
    query: JobQuery,
    responses: { 200: { description: "A page of jobs", schema: JobList } },
    async handle(c, { query }) {
      const records = await new JobStore(c.env.DB).list(c.get("caller").tenant, {
        status: query.status,
        before: query.cursor,
        limit: query.limit + 1,
      });
      const { page, nextCursor } = pageOf(records, query.limit, (record) => record.id);
      return c.json({ jobs: page.map(toJob), next_cursor: nextCursor } satisfies z.infer<typeof JobList>);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/jobs/:id",
    operationId: "getJob",
    summary: "Get a job",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The job", schema: Job } },
    problems: [404],
    handle: async (c) => c.json(toJob(await ownJob(c))),
  }),

  endpoint({
    method: "get",
    path: "/v1/jobs/:id/result",
    operationId: "getResult",
    summary: "Get a job's answer",
    description: "409 `not_finished`, `job_failed` or `job_cancelled` when there is none.",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The answer", schema: JobResult } },
    problems: [404, 409],
    async handle(c) {
      const results = new ResultStore(c.env);
      const known = await results.lookUp({ id: jobId(c), tenant: c.get("caller").tenant });
      const found = known === null ? null : await results.get(known);
      const answer = found ?? (await results.get(resultKey(await ownJob(c))));
      if (!answer) throw new Problem(404, "not_found", "the answer has been removed");
      return c.body(answer.body, 200, { "content-type": "application/json", etag: answer.httpEtag });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/jobs/:id/events",
    operationId: "watchJob",
    summary: "Watch a job",
    description:
      "Server-Sent Events: each `job` event holds the job as it then is. The stream ends with the job. Resume with `Last-Event-ID`; when nothing can follow the answer is 204.",
    tag,
    guard: "tenant",
    headers: { "Last-Event-ID": "The id of the last event seen." },
    responses: {
      200: { description: "Events", contentType: "text/event-stream" },
      204: { description: "The job has ended and everything was seen" },
    },
    problems: [400, 404],
    async handle(c) {
      const seen = lastEventId(c.req.header("last-event-id"));
      const job = await ownJob(c);
      // HEAD: nobody would ever read the stream, so none is opened.
      if (c.req.method === "HEAD") return c.body(null, 200, EVENT_STREAM_HEADERS);
      return c.env.JOBS.getByName(job.id).fetch("http://job/events", { headers: { "last-event-id": String(seen) } });
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/jobs/:id",
    operationId: "cancelJob",
    summary: "Cancel a job",
    description: "Stops the call to the model if one is under way; a late answer is dropped.",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The cancelled job", schema: Job } },
    problems: [404, 409],
    async handle(c) {
      const job = await ownJob(c);
      const cancelled = await c.env.JOBS.getByName(job.id).cancel(job.id);
      if (!cancelled) throw new Problem(409, "already_finished", "the job has already ended");
      return c.json(toJob(cancelled));
    },
  }),

  endpoint({
    method: "post",
    path: "/v1/jobs/:id/retry",
    operationId: "retryJob",
    summary: "Run a failed or cancelled job again",
    tag,
    guard: "submission",
    responses: { 202: { description: "Queued again", schema: Job } },
    problems: [404, 409, 429],
    async handle(c) {
      const job = await ownJob(c);
      const retried = await c.env.JOBS.getByName(job.id).retry(job.id);
      if (!retried) throw new Problem(409, "not_retryable", "only a failed or cancelled job can be retried");
      return accepted(c, retried, true);
    },
  }),
];

/** 202 with the job and its address. */
export function accepted(c: Context<HttpEnv>, record: JobRecord, created: boolean): Response {
  const job = toJob(record);
  return c.json(job, 202, { location: job.links.self, ...(!created && REPLAYED) });
}

/** The caller's own job. Another tenant's is not found, like one that does not exist. @throws Problem 404 */
async function ownJob(c: Context<HttpEnv>): Promise<JobRecord> {
  const job = await new JobStore(c.env.DB).get(c.get("caller").tenant, jobId(c));
  if (!job) throw noSuchJob();
  return job;
}

/** The id in the path; it becomes part of keys, so nothing that is no id gets further. @throws Problem 404 */
function jobId(c: Context<HttpEnv>): string {
  const id = c.req.param("id") ?? "";
  if (!JOB_ID.test(id)) throw noSuchJob();
  return id;
}

function noSuchJob(): Problem {
  return new Problem(404, "not_found", "there is no such job");
}

/** @throws Problem 409 while, or because, there is no answer */
function resultKey(job: JobRecord): string {
  if (job.result_key !== null && job.status === "done") return job.result_key;
  if (job.status === "cancelled") throw new Problem(409, "job_cancelled", "the job was cancelled");
  if (isFinished(job)) throw new Problem(409, "job_failed", `${job.error_code}: ${job.error_message}`);
  throw new Problem(409, "not_finished", `the job is ${job.status}`, { headers: { "retry-after": "2" } });
}
