import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JobResult } from "../src/domain/job.ts";
import type { JobRunner } from "../src/job-runner.ts";
import { scheduled } from "../src/scheduled.ts";
import {
  api,
  eventually,
  getJob,
  migrate,
  modelCalls,
  moveClock,
  problem,
  runAlarm,
  submit,
  summarizing,
  until,
} from "./harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("when a model", () => {
  it("fails, the fallback answers, and the job says so", async () => {
    const job = await submit(summarizing("[[primary-fails]]"));
    expect(await until(job.id, "done")).toMatchObject({ fallback: true, model: expect.stringContaining("mistral") });
  });

  it("fails altogether, the job waits with a reason and is tried again", async () => {
    const job = await submit(summarizing("[[fail]] wait"));
    const waiting = await eventually(async () => {
      const now = await getJob(job.id);
      expect(now.reason).toBe("model_unavailable");
      return now;
    });
    expect(waiting.status).toBe("queued");
    expect(Date.parse(waiting.not_before ?? "")).toBeGreaterThan(Date.parse(waiting.created_at) + 900);
    moveClock(10_000);
    await runAlarm(job.id);
    expect(await getJob(job.id)).toMatchObject({ attempts: 2, status: "queued" });
  });

  it("recovers, the next attempt answers", async () => {
    const job = await submit(summarizing("[[fail-first]] a"));
    // The double fails the first call of each model's same prompt once, so the fallback answers at once.
    expect(await until(job.id, "done")).toMatchObject({ fallback: true });
  });

  it("fails on every attempt, the job fails after the fifth, and a retry begins anew", async () => {
    const job = await submit(summarizing("[[fail]] five"));
    await eventually(async () => expect((await getJob(job.id)).reason).toBe("model_unavailable"));
    for (let attempt = 2; attempt <= 5; attempt++) {
      moveClock(130_000);
      await runAlarm(job.id);
    }
    const failed = await getJob(job.id);
    expect(failed).toMatchObject({ status: "failed", attempts: 5, error: { code: "model_unavailable" } });
    expect(await problem(await api("GET", job.links.result))).toMatchObject({ status: 409, code: "job_failed" });

    vi.useRealTimers();
    const retried = await api("POST", job.links.retry);
    expect(retried.status).toBe(202);
    expect(await retried.json()).toMatchObject({ id: job.id, status: "queued", attempts: 0, error: null });
  });

  it("refuses the question for good, the job fails at once", async () => {
    const job = await submit(summarizing("[[refuse]]"));
    expect(await until(job.id, "failed")).toMatchObject({ attempts: 1, error: { code: "model_unavailable" } });
  });

  it("hangs, the call is ended in time", async () => {
    const job = await submit(summarizing("[[hang]] both", { deadline_seconds: 5 }));
    expect(await until(job.id, "failed")).toMatchObject({ error: { code: expect.stringMatching(/timeout|deadline/) } });
    await eventually(async () => expect((await modelCalls("[[hang]] both")).cut).toBeGreaterThanOrEqual(1));
  }, 120_000);

  it("has spent the month's budget, the job waits without using up attempts or its deadline", async () => {
    const job = await submit(summarizing("[[budget]]", { deadline_seconds: 60 }));
    const waiting = await eventually(async () => {
      const now = await getJob(job.id);
      expect(now).toMatchObject({ status: "queued", reason: "budget_exhausted", attempts: 0 });
      return now;
    });
    expect(Date.parse(waiting.deadline_at)).toBeGreaterThan(Date.parse(waiting.not_before ?? ""));
    moveClock(2 * 3_600_000);
    await runAlarm(job.id);
    expect(await getJob(job.id)).toMatchObject({ status: "queued", reason: "budget_exhausted", attempts: 0 });
  });

  it("has spent the month's budget, a job fails at once when its caller chose so", async () => {
    const job = await submit(summarizing("[[budget]]", { on_budget_exhausted: "fail" }));
    expect(await until(job.id, "failed")).toMatchObject({ attempts: 1, error: { code: "budget_exhausted" } });
  });

  const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };

  it("answers garbage once, it is asked to repair it", async () => {
    const job = await submit({ task: "extract", input: { text: "[[garbage-once]]", schema } });
    await until(job.id, "done");
    expect(await modelCalls("garbage-once")).toMatchObject({ calls: 2 });
    expect(await (await api("GET", job.links.result)).json()).toMatchObject({ output: { data: { a: 42 } } });
  });

  it("answers garbage twice, the job fails", async () => {
    const job = await submit({ task: "extract", input: { text: "[[garbage]]", schema } });
    expect(await until(job.id, "failed")).toMatchObject({ error: { code: "invalid_answer" } });
  });
});

describe("when the Worker", () => {
  it("gets the same alarm twice, the model is asked once", async () => {
    const job = await submit(summarizing("[[slow]] twice"));
    await until(job.id, "running");
    const runner = env.JOBS.getByName(job.id);
    await runInDurableObject<JobRunner, void>(runner, (instance) => instance.alarm());
    await until(job.id, "done");
    await runInDurableObject<JobRunner, void>(runner, (instance) => instance.alarm());
    expect(await modelCalls("[[slow]] twice")).toMatchObject({ calls: 1 });
  });

  it("dies during the call, the next attempt answers", async () => {
    const job = await submit(summarizing("[[slow]] died"));
    await until(job.id, "running");
    await abortAllDurableObjects();
    await scheduledLater();
    await runAlarm(job.id);
    expect(await until(job.id, "done")).toMatchObject({ attempts: 2 });
  });

  it.each(["R2", "D1"])(
    "dies between the answer and its writing to %s, the same answer is written later",
    async (where) => {
      const job = await submit(summarizing(`died before ${where}`, { delay_seconds: 1 }));
      const runner = env.JOBS.getByName(job.id);
      moveClock(2_000);
      const died = new Error("the process died");
      await runInDurableObject<JobRunner, void>(runner, async (instance) => {
        const bindings: { RESULTS: R2Bucket; DB: D1Database } = env;
        if (where === "R2") vi.spyOn(bindings.RESULTS, "put").mockRejectedValueOnce(died);
        else {
          const prepare = bindings.DB.prepare.bind(bindings.DB);
          vi.spyOn(bindings.DB, "prepare").mockImplementation((sql) => {
            if (sql.includes("finished_at = ?5")) throw died;
            return prepare(sql);
          });
        }
        await expect(instance.alarm()).rejects.toThrow("the process died");
      });
      vi.restoreAllMocks();
      expect(await getJob(job.id)).toMatchObject({ status: "running" });
      await evictDurableObject(runner);
      await runInDurableObject<JobRunner, void>(runner, (instance) => instance.alarm());
      expect(await getJob(job.id)).toMatchObject({ status: "done", attempts: 1 });
      expect(await modelCalls(`died before ${where}`)).toMatchObject({ calls: 1 });
      const result = await (await api("GET", job.links.result)).json<JobResult>();
      expect(result.output).toEqual({ summary: expect.stringMatching(/^Answer/) });
    },
  );

  it("dies between the record and the alarm, the sweep starts the job", async () => {
    const start = vi.spyOn(env.JOBS, "getByName").mockImplementation(() => {
      throw new Error("the process died");
    });
    const job = await submit(summarizing("forgotten"));
    start.mockRestore();
    expect(await runAlarm(job.id)).toBe(false);
    await scheduledLater();
    await runAlarm(job.id);
    await until(job.id, "done");
  });

  it("is overtaken by a newer attempt, the older one's answer is dropped", async () => {
    const job = await submit(summarizing("[[slow]] overtaken"));
    await until(job.id, "running");
    await env.DB.prepare("UPDATE jobs SET attempt = attempt + 1 WHERE id = ?1").bind(job.id).run();
    await eventually(async () => expect(await modelCalls("[[slow]] overtaken")).toMatchObject({ calls: 1 }));
    // The first attempt ends without a result; the alarm that follows makes another.
    await scheduledLater();
    await eventually(async () => {
      await runAlarm(job.id);
      expect((await getJob(job.id)).status).toBe("done");
    });
    const { objects } = await env.RESULTS.list({ prefix: `results/default/${job.id}/` });
    expect(objects).toHaveLength(1);
  });
});

describe("cancelling", () => {
  it("stops a call under way, and the late answer is dropped", async () => {
    const job = await submit(summarizing("[[hang]] stop me"));
    await until(job.id, "running");
    await eventually(async () => expect((await modelCalls("stop me")).calls).toBe(1));
    const response = await api("DELETE", job.links.self);
    expect(await response.json()).toMatchObject({ status: "cancelled" });
    await eventually(async () => expect((await modelCalls("stop me")).cut).toBe(1));
    expect(await getJob(job.id)).toMatchObject({ status: "cancelled" });
    expect(await modelCalls("stop me")).toMatchObject({ calls: 1 });
    expect(await problem(await api("GET", job.links.result))).toMatchObject({ status: 409, code: "job_cancelled" });
    expect((await env.RESULTS.list({ prefix: `results/default/${job.id}/` })).objects).toEqual([]);
  });

  it("wins over an answer that is just being written", async () => {
    const job = await submit(summarizing("[[slow]] photo finish"));
    await until(job.id, "running");
    const put = env.RESULTS.put.bind(env.RESULTS);
    const bucket: { put(key: string, value: string): Promise<unknown> } = env.RESULTS;
    const writing = vi.spyOn(bucket, "put").mockImplementation(async (key, value) => {
      const written = await put(key, value);
      await env.DB.prepare("UPDATE jobs SET status = 'cancelled', finished_at = 1 WHERE id = ?1").bind(job.id).run();
      return written;
    });
    await eventually(async () => expect(writing).toHaveBeenCalled());
    await until(job.id, "cancelled");
    await eventually(async () =>
      expect((await env.RESULTS.list({ prefix: `results/default/${job.id}/` })).objects).toEqual([]),
    );
    expect(await getJob(job.id)).toMatchObject({ status: "cancelled", model: null });
  });

  it("keeps a waiting job from ever starting", async () => {
    const job = await submit(summarizing("[[not-started]]", { delay_seconds: 5 }));
    await api("DELETE", job.links.self);
    moveClock(60_000);
    await runAlarm(job.id);
    expect(await getJob(job.id)).toMatchObject({ status: "cancelled" });
    expect(await modelCalls("not-started")).toMatchObject({ calls: 0 });
  });

  it("is refused once the job has ended, and so is a retry of a job that is done", async () => {
    const job = await submit(summarizing("x"));
    await until(job.id, "done");
    expect(await problem(await api("DELETE", job.links.self))).toMatchObject({ status: 409, code: "already_finished" });
    expect(await problem(await api("POST", job.links.retry))).toMatchObject({ status: 409, code: "not_retryable" });
  });

  it("can be undone by a retry", async () => {
    const job = await submit(summarizing("again", { delay_seconds: 600 }));
    await api("DELETE", job.links.self);
    expect((await api("POST", job.links.retry)).status).toBe(202);
    await until(job.id, "done");
  });
});

describe("a tenant", () => {
  it("has at most its number of jobs running; the others wait with a reason", async () => {
    const jobs = await Promise.all(Array.from({ length: 5 }, (_, i) => submit(summarizing(`[[slow]] crowd ${i}`))));
    await eventually(async () => {
      const states = await Promise.all(jobs.map((job) => getJob(job.id)));
      expect(states.filter((job) => job.reason === "tenant_busy").length).toBeGreaterThanOrEqual(1);
      expect(states.filter((job) => job.status === "running").length).toBeLessThanOrEqual(3);
    });
    await Promise.all(jobs.map((job) => until(job.id, "done")));
  }, 120_000);
});

describe("the sweep", () => {
  it("removes expired jobs with their answers, keys and work log", async () => {
    const job = await submit(summarizing("short-lived"));
    await until(job.id, "done");
    moveClock(8 * 86_400_000);
    expect((await scheduled(env)).removed).toBeGreaterThanOrEqual(1);
    expect((await api("GET", job.links.self)).status).toBe(404);
    expect((await api("GET", job.links.result)).status).toBe(404);
    expect(await env.LOOKUP.get(`result/default/${job.id}`)).toBeNull();
    expect((await env.RESULTS.list({ prefix: `results/default/${job.id}/` })).objects).toEqual([]);
    const left = await runInDurableObject(env.JOBS.getByName(job.id), (_, state) => state.storage.kv.get("job"));
    expect(left).toBeUndefined();
  });

  it("removes more than one batch at once", async () => {
    const at = Date.now() - 1;
    const insert = env.DB.prepare(
      `INSERT INTO jobs (id, tenant, task, request, request_hash, status, not_before, deadline_at, created_at, expires_at)
       VALUES (?1, 'old', 'summarize', '{}', '', 'done', 0, 0, 0, ?2)`,
    );
    await env.DB.batch(Array.from({ length: 130 }, (_, i) => insert.bind(`job_old${i}`, at)));
    await scheduled(env);
    const { results } = await env.DB.prepare("SELECT id FROM jobs WHERE tenant = 'old'").all();
    expect(results).toEqual([]);
  });

  it("leaves jobs alone whose time is not over", async () => {
    const job = await submit(summarizing("keep me"));
    await until(job.id, "done");
    await scheduled(env);
    expect((await api("GET", job.links.result)).status).toBe(200);
  });
});

/** The cron, after every lease has run out. */
async function scheduledLater(): Promise<void> {
  moveClock(120_000);
  await scheduled(env);
}
