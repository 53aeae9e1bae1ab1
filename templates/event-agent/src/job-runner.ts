import { DurableObject } from "cloudflare:workers";
import { AiError } from "@tenner/worker-kit/ai";
import { alarmTime, now } from "@tenner/worker-kit/clock";
import { EventStream, type StreamedEvent } from "@tenner/worker-kit/event-stream";
import { log } from "@tenner/worker-kit/log";
import { Settings } from "@tenner/worker-kit/settings";
import { deliverWebhook, nextWebhookAttempt } from "@tenner/worker-kit/webhook-delivery";
import { type Delivery, type JobEvent, JobLog, type KeptAnswer } from "./adapters/job-log.ts";
import { type JobEnd, JobStore } from "./adapters/job-store.ts";
import { longestAttemptMs, modelClient } from "./adapters/model-client.ts";
import { ResultStore } from "./adapters/result-store.ts";
import { isFinished, iso, type JobRecord, type JobResult, toJob } from "./domain/job.ts";
import { JobRequest } from "./domain/job-request.ts";
import { afterFailure, backoffMs } from "./domain/retry.ts";
import { runTask } from "./domain/tasks/index.ts";

const DAY_MS = 86_400_000;

/**
 * Runs one job. Everything happens in its alarm, which the platform calls at least once; what a crash leaves undone
 * is done by the next call:
 *
 * - D1 holds the truth. An attempt first raises the record's `attempt`; only the newest attempt may end the job.
 * - The answer is kept in this object's own storage the moment it arrives, then goes to R2, KV and D1. A crash in
 *   between repeats the writing, never the question. A crash before it repeats the question under the same id, which
 *   the gateway answers from its cache and the ledger counts once.
 * - Events and webhooks follow from the record, so they can be made up for at any later time.
 */
export class JobRunner extends DurableObject<Env> {
  readonly #log = new JobLog(this.ctx.storage);
  readonly #jobs = new JobStore(this.env.DB);
  readonly #results = new ResultStore(this.env);
  readonly #settings = Settings.parse(this.env.SETTINGS);
  readonly #streams = new Set<EventStream>();
  /** The attempt under way in this instance. */
  #attempt: AbortController | null = null;

  /** Sets the job's alarm. Called after its record is written, and again by the sweep: the second time changes nothing. */
  async start(id: string): Promise<void> {
    const job = await this.#jobs.find(id);
    if (!job) return;
    if (this.#log.jobId === undefined) this.#log.prepare(id);
    this.#publish(job);
    await this.#schedule(job);
  }

  /** Cancels the job and ends the call to the model, if one is under way. Null when it had already ended. */
  async cancel(id: string): Promise<JobRecord | null> {
    const at = now(this.env);
    const job = await this.#jobs.cancel(id, { now: at, expiresAt: this.#expiresAt(at) });
    if (!job) return null;
    this.#attempt?.abort(new JobStopped());
    if (this.#log.jobId === undefined) this.#log.prepare(id);
    this.#publish(job);
    await this.#schedule(job);
    return job;
  }

  /** Queues a failed or cancelled job as a new run. Null when it is in no state for that. */
  async retry(id: string): Promise<JobRecord | null> {
    const before = await this.#jobs.find(id);
    if (!before) return null;
    const at = now(this.env);
    const seconds = JobRequest.parse(JSON.parse(before.request)).deadline_seconds;
    const deadlineAt = at + (seconds ?? this.#settings.limits.jobDeadlineSeconds) * 1_000;
    const job = await this.#jobs.requeue(id, { now: at, deadlineAt, expiresAt: this.#expiresAt(deadlineAt) });
    if (!job) return null;
    if (this.#log.jobId === undefined) this.#log.prepare(id);
    this.#publish(job);
    await this.#schedule(job);
    return job;
  }

  /** Forgets everything: the job has expired. */
  async erase(): Promise<void> {
    this.#attempt?.abort(new JobStopped());
    for (const stream of this.#streams) stream.close();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** The job's events as SSE, from `last-event-id` on. The caller's right to see them was checked before. */
  override async fetch(request: Request): Promise<Response> {
    const seen = Number(request.headers.get("last-event-id") ?? 0);
    await this.#catchUp();
    const newest = this.#log.jobId === undefined ? null : this.#log.newestEvent();
    if (newest?.last && seen >= newest.seq) return new Response(null, { status: 204 });
    const stream = new EventStream({
      look: () => this.#catchUp(),
      onClose: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    // The end of an earlier run is not the end of the story.
    for (const event of newest ? this.#log.eventsAfter(seen) : []) {
      stream.send(streamed({ ...event, last: event.last && event.seq === newest?.seq }));
    }
    return stream.response();
  }

  override async alarm(): Promise<void> {
    const id = this.#log.jobId;
    if (id === undefined || this.#attempt) return; // A live attempt schedules what follows itself.
    const job = await this.#jobs.find(id);
    if (!job) return this.erase();
    if (!isFinished(job)) await this.#advance(job);
    const after = await this.#jobs.find(id);
    if (!after) return this.erase();
    this.#publish(after);
    if (isFinished(after)) await this.#settle(after);
    else await this.#schedule(after);
  }

  /** Takes an unfinished job one step further. */
  async #advance(job: JobRecord): Promise<void> {
    const at = now(this.env);
    const kept = this.#log.keptAnswer(job.run);
    if (kept && kept.attempt === job.attempt) return this.#write(job, kept);
    if (job.not_before > at) return;
    if (job.reason === "budget_exhausted" && job.not_before < job.deadline_at && job.deadline_at <= at) {
      // Woken late: also what it overslept was waiting for the budget.
      const deadlineAt = job.deadline_at + at - job.not_before;
      const moved = await this.#jobs.postpone(job, { at, reason: job.reason, counts: true, deadlineAt });
      return moved ? this.#advance(moved) : undefined;
    }
    if (job.deadline_at <= at) {
      await this.#end(job, failure("deadline_exceeded", "the deadline passed"));
      return;
    }
    const { limits } = this.#settings;
    if (job.attempts_in_run >= limits.maxAttempts) {
      await this.#end(job, failure("attempts_exhausted", `${job.attempts_in_run} attempts did not come to an end`));
      return;
    }

    const leaseUntil = at + longestAttemptMs(this.env) + 40_000;
    const claimed = await this.#jobs.claim(job, { now: at, leaseUntil, maxConcurrent: limits.maxConcurrentPerTenant });
    if (!claimed) {
      const wait = { at: at + backoffMs(1, Math.random()), reason: "tenant_busy", counts: true };
      await this.#jobs.postpone(job, { ...wait, deadlineAt: job.deadline_at });
      return;
    }
    this.#publish(claimed);
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const kept = await this.#ask(claimed, attempt);
      if (kept) await this.#write(claimed, kept);
    } finally {
      this.#attempt = null;
    }
  }

  /** Asks the models; null when there is no answer to write, because the job was stopped or the attempt failed. */
  async #ask(job: JobRecord, attempt: AbortController): Promise<KeptAnswer | null> {
    const { limits } = this.#settings;
    const request = JobRequest.parse(JSON.parse(job.request));
    const deadline = setTimeout(
      () => attempt.abort(new DeadlinePassed()),
      Math.min(job.deadline_at - now(this.env), 2 ** 31 - 1),
    );
    try {
      const answer = await runTask(request, {
        ai: modelClient(this.env, this.#settings, job),
        callId: this.#log.callId(job),
        maxOutputTokens: limits.maxOutputTokens,
        signal: attempt.signal,
      });
      const kept = { run: job.run, attempt: job.attempt, at: now(this.env), answer };
      this.#log.keepAnswer(kept);
      // Durable before anyone can see it: from here on a crash repeats the writing, not the question.
      await this.ctx.storage.sync();
      return kept;
    } catch (error) {
      if (error instanceof JobStopped) return null;
      if (error instanceof DeadlinePassed) {
        await this.#end(job, failure("deadline_exceeded", "the deadline passed while a model was asked"));
        return null;
      }
      if (!(error instanceof AiError)) throw error;
      this.#log.endCall(job);
      const next = afterFailure(error, {
        attempts: job.attempts_in_run,
        maxAttempts: limits.maxAttempts,
        now: now(this.env),
        createdAt: job.created_at,
        deadlineAt: job.deadline_at,
        random: Math.random(),
        onBudgetExhausted: request.on_budget_exhausted,
      });
      log("warn", "attempt_failed", { job: job.id, attempt: job.attempt, code: error.code, next: next.kind });
      if (next.kind === "retry") await this.#jobs.postpone(job, next);
      else await this.#end(job, failure(next.code, next.message));
      return null;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Writes an answer: R2, KV, and last D1, which makes it count. */
  async #write(job: JobRecord, kept: KeptAnswer): Promise<void> {
    const { answer } = kept;
    const result: JobResult = {
      id: job.id,
      task: job.task,
      // Every task's output is an object of its own making.
      output: answer.value as JobResult["output"],
      model: answer.model,
      fallback: answer.fallback,
      stand_in: answer.standIn,
      usage: { input_tokens: answer.usage.inputTokens, output_tokens: answer.usage.outputTokens },
      finished_at: iso(kept.at),
    };
    const resultKey = await this.#results.put(job, kept.attempt, result);
    const ended = await this.#end(job, { status: "done", ...answer, resultKey });
    if (ended) await this.#results.remember(job, resultKey, this.#settings.limits.jobRetentionDays * 86_400);
    else await this.#results.drop(resultKey);
    this.#log.dropAnswer();
  }

  /** Ends a job in D1; false when it was cancelled or another attempt overtook this one. */
  async #end(job: JobRecord, end: JobEnd): Promise<boolean> {
    const at = now(this.env);
    const ended = await this.#jobs.finish(job, end, { now: at, expiresAt: this.#expiresAt(at) });
    if (!ended) return false;
    this.env.METRICS.writeDataPoint({
      indexes: [ended.tenant],
      blobs: [ended.task, ended.status, ended.model ?? "", ended.error_code ?? ""],
      doubles: [at - ended.created_at, ended.input_tokens ?? 0, ended.output_tokens ?? 0, ended.attempts_in_run],
    });
    log("info", "job_ended", { job: ended.id, status: ended.status, attempt: ended.attempt, model: ended.model });
    return true;
  }

  /** After the end: delivers the webhook when it is due, then sleeps until its next attempt, or for good. */
  async #settle(job: JobRecord): Promise<void> {
    const delivery = job.webhook_url === null ? null : await this.#deliver(job, job.webhook_url);
    const wakeAt = delivery?.state === "pending" ? delivery.next_at : null;
    await this.#jobs.settle(job, { wakeAt, webhook: delivery });
    // A retry that came in meanwhile has set an earlier alarm, which stays.
    if (wakeAt !== null) await this.#wakeAt(wakeAt);
  }

  /** Makes one attempt at the webhook of this run, if one is due. */
  async #deliver(job: JobRecord, url: string): Promise<Delivery> {
    const id = `msg_${job.id}_${job.run}`;
    const delivery = this.#log.delivery(id) ?? this.#log.keepDelivery(await this.#webhookOf(job, id));
    if (delivery.state !== "pending" || delivery.next_at > now(this.env)) return delivery;
    const outcome = await deliverWebhook(
      { url, id, body: delivery.body },
      {
        secret: this.env.WEBHOOK_SECRET,
        name: "event-agent",
        at: now(this.env),
        allowedHosts: this.#settings.allowedWebhookHosts,
      },
    );
    const attempts = delivery.attempts + 1;
    const next = nextWebhookAttempt(attempts, delivery.first_at, now(this.env), Math.random());
    const gaveUp = outcome === "refused" || (outcome === "failed" && next === null);
    const state = outcome === "delivered" ? outcome : gaveUp ? "gave_up" : "pending";
    log(gaveUp ? "warn" : "info", "webhook", { job: job.id, state, attempts });
    return this.#log.keepDelivery({ ...delivery, state, attempts, next_at: next ?? delivery.next_at });
  }

  /** The message about this run's end. It is kept, so that every attempt sends the same. */
  async #webhookOf(job: JobRecord, id: string): Promise<Delivery> {
    const at = job.finished_at ?? now(this.env);
    const answer = job.result_key === null ? null : await this.#results.get(job.result_key);
    const body = JSON.stringify({
      type: `job.${job.status}`,
      timestamp: iso(at),
      data: { job: toJob(job), output: answer ? (await answer.json<JobResult>()).output : null },
    });
    return { id, body, state: "pending", attempts: 0, first_at: at, next_at: at };
  }

  /** Sets the alarm for what comes next, unless an earlier one is set or the attempt under way will do it. */
  async #schedule(job: JobRecord): Promise<void> {
    if (this.#attempt || job.wake_at === null) return;
    await this.#wakeAt(job.wake_at);
  }

  async #wakeAt(time: number): Promise<void> {
    const at = alarmTime(this.env, time);
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  /** Makes up for events that a crash left out. */
  async #catchUp(): Promise<void> {
    const id = this.#log.jobId;
    const job = id === undefined ? null : await this.#jobs.find(id);
    if (job) this.#publish(job);
  }

  /** Logs the record's state as an event, if it is news, and sends it to everyone who listens. */
  #publish(job: JobRecord): void {
    const state = `${job.run}.${job.attempt}.${job.status}.${job.reason ?? ""}.${job.status === "queued" ? job.not_before : ""}`;
    const event = this.#log.append(state, JSON.stringify(toJob(job)), isFinished(job));
    if (event) for (const stream of this.#streams) stream.send(streamed(event));
  }

  #expiresAt(at: number): number {
    return at + this.#settings.limits.jobRetentionDays * DAY_MS;
  }
}

/** The job was cancelled or erased: whatever the model says no longer matters. */
class JobStopped extends Error {
  override readonly name = "JobStopped";
}

class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

function failure(code: string, message: string): JobEnd {
  return { status: "failed", code, message };
}

function streamed({ seq, data, last }: JobEvent): StreamedEvent {
  return { id: seq, name: "job", data, last };
}
