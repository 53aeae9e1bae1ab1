import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Job, JobResult } from "../src/domain/job.ts";
import { api, getJob, keyOf, migrate, modelCalls, problem, runAlarm, submit, summarizing, until } from "./harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a job", () => {
  it("is accepted with 202 and its address, then answered", async () => {
    const response = await api("POST", "/v1/jobs", { body: summarizing("a long text", { metadata: { order: 7 } }) });
    expect(response.status).toBe(202);
    const job = await response.json<Job>();
    expect(response.headers.get("location")).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ status: "queued", metadata: { order: 7 }, error: null });

    const done = await until(job.id, "done");
    expect(done).toMatchObject({ stand_in: false, fallback: false, attempts: 1, usage: { input_tokens: 7 } });
    expect(done.duration_ms).toBeGreaterThanOrEqual(0);
    const result = await (await api("GET", job.links.result)).json<JobResult>();
    expect(result.output).toEqual({ summary: expect.stringMatching(/^Answer \d+$/) });
  });

  it("leaves its answer in R2 and the way to it in KV, both under the tenant", async () => {
    const job = await submit(summarizing("x"));
    await until(job.id, "done");
    const key = await env.LOOKUP.get(`result/default/${job.id}`);
    expect(key).toMatch(new RegExp(`^results/default/${job.id}/`));
    expect(await env.RESULTS.head(key ?? "")).not.toBeNull();
  });

  it("has no result before it ends", async () => {
    const job = await submit(summarizing("x", { delay_seconds: 600 }));
    expect(await getJob(job.id)).toMatchObject({ status: "queued", reason: "delayed" });
    expect(await problem(await api("GET", job.links.result))).toMatchObject({ status: 409, code: "not_finished" });
  });

  it("starts no earlier than it was told", async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    expect((await submit(summarizing("x", { not_before: at }))).not_before).toBe(at);
  });
});

describe("tasks", () => {
  it("extracts by the caller's JSON Schema", async () => {
    const schema = {
      type: "object",
      properties: { customer: { type: "string" }, order: { type: "integer" } },
      required: ["customer", "order"],
      additionalProperties: false,
    };
    const job = await submit({ task: "extract", input: { text: "order 42", schema } });
    await until(job.id, "done");
    const { output } = await (await api("GET", job.links.result)).json<JobResult>();
    expect(output).toEqual({ data: { customer: "sample", order: 42 } });
  });

  it("classifies into the labels given", async () => {
    const job = await submit({ task: "classify", input: { text: "x", labels: ["billing", "other"] } });
    await until(job.id, "done");
    const { output } = await (await api("GET", job.links.result)).json<JobResult>();
    expect(output).toEqual({ label: "billing", why: "sample" });
  });

  it("replies, and signs", async () => {
    const job = await submit({ task: "reply", input: { message: "Where is it?", signature: "Mira" } });
    await until(job.id, "done");
    const { output } = await (await api("GET", job.links.result)).json<JobResult>();
    expect(output).toEqual({ reply: expect.stringMatching(/^Answer \d+\n\nMira$/) });
  });
});

describe("on the local cloud's stand-in", () => {
  const schema = { type: "object", properties: { order: { type: "integer" } }, required: ["order"] };
  it.each([
    ["summarize", { text: "[[local-cloud]] The shop moves in March. Orders wait until then." }],
    ["reply", { message: "[[local-cloud]] Where is my order?" }],
    ["classify", { text: "[[local-cloud]] The invoice is wrong.", labels: ["billing", "other"] }],
    ["extract", { text: "[[local-cloud]] My order 48213 is late.", schema }],
  ])("%s ends well", async (task, input) => {
    const job = await submit({ task, input });
    await until(job.id, "done");
    const { output } = await (await api("GET", job.links.result)).json<JobResult>();
    if (task === "extract") expect(output).toEqual({ data: { order: expect.any(Number) } });
    else if (task === "classify") expect(output).toMatchObject({ label: "billing" });
    else expect(await getJob(job.id)).toMatchObject({ stand_in: true });
  });
});

describe("a submission that is not valid costs nothing", () => {
  const schema = (more: object) => ({ task: "extract", input: { text: "t", schema: { type: "object", ...more } } });
  it.each<[string, unknown, string[]]>([
    ["no task", { input: { text: "t" } }, ["/task"]],
    ["an unknown task", { task: "translate", input: {} }, ["/task"]],
    ["an empty text", summarizing("  "), ["/input/text"]],
    [
      "unknown fields, each by its path",
      { ...summarizing("t"), model: "x", input: { text: "t", foo: 1 } },
      ["/input/foo", "/model"],
    ],
    ["too few labels", { task: "classify", input: { text: "t", labels: ["a"] } }, ["/input/labels"]],
    ["labels twice", { task: "classify", input: { text: "t", labels: ["a", "a"] } }, ["/input/labels"]],
    ["a schema keyword that is not checked", schema({ pattern: "a+" }), ["/input/schema/pattern"]],
    ["one deep inside", schema({ properties: { a: { $ref: "#" } } }), ["/input/schema/properties/a/$ref"]],
    [
      "a schema that is no object",
      { task: "extract", input: { text: "t", schema: { type: "string" } } },
      ["/input/schema/type"],
    ],
    ["two starts", summarizing("t", { delay_seconds: 1, not_before: "2030-01-01T00:00:00Z" }), ["/delay_seconds"]],
    ["a start years ahead", summarizing("t", { not_before: "2090-01-01T00:00:00Z" }), ["/not_before"]],
    ["a webhook inside the network", summarizing("t", { webhook_url: "http://169.254.169.254/" }), ["/webhook_url"]],
    ["metadata that is no object", summarizing("t", { metadata: [] }), ["/metadata"]],
  ])("%s", async (_, body, paths) => {
    const answer = await problem(await api("POST", "/v1/jobs", { body }));
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
    expect(answer.paths).toEqual(paths);
  });

  it("asks no model", async () => {
    await api("POST", "/v1/jobs", {
      body: { task: "summarize", input: { text: "[[never-paid]]", max_words: "many" } },
    });
    expect(await modelCalls("never-paid")).toMatchObject({ calls: 0 });
  });
});

describe("Idempotency-Key", () => {
  const headers = (key: string) => ({ "idempotency-key": key });

  it("gives one job for many submissions at once, and one answer", async () => {
    const body = summarizing("[[once-only]]");
    const jobs = await Promise.all(Array.from({ length: 12 }, () => submit(body, { headers: headers("k1") })));
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
    await until(jobs[0]?.id ?? "", "done");
    expect(await modelCalls("once-only")).toMatchObject({ calls: 1 });
  });

  it("says that an answer is a repeat", async () => {
    await submit(summarizing("x"), { headers: headers("k2") });
    const again = await api("POST", "/v1/jobs", { body: summarizing("x"), headers: headers("k2") });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([202, "true"]);
  });

  it("wakes a job that is still queued because its start was lost", async () => {
    const start = vi.spyOn(env.JOBS, "getByName").mockImplementation(() => {
      throw new Error("the process died");
    });
    const lost = await submit(summarizing("wake me"), { headers: headers("k6") });
    start.mockRestore();
    expect(await runAlarm(lost.id)).toBe(false);
    expect((await submit(summarizing("wake me"), { headers: headers("k6") })).id).toBe(lost.id);
    await until(lost.id, "done");
    expect(await modelCalls("wake me")).toMatchObject({ calls: 1 });
  });

  it("does not care about the order of fields", async () => {
    const one = await submit({ task: "summarize", input: { text: "x", style: "bullets" } }, { headers: headers("k3") });
    const two = await submit({ input: { style: "bullets", text: "x" }, task: "summarize" }, { headers: headers("k3") });
    expect(two.id).toBe(one.id);
  });

  it("refuses another body under the same key", async () => {
    await submit(summarizing("one"), { headers: headers("k4") });
    const other = await api("POST", "/v1/jobs", { body: summarizing("two"), headers: headers("k4") });
    expect(await problem(other)).toMatchObject({ status: 409, code: "idempotency_conflict" });
  });

  it("belongs to its tenant", async () => {
    const mine = await submit(summarizing("one"), { headers: headers("k5") });
    const theirs = await submit(summarizing("two"), { headers: headers("k5"), key: await keyOf("k5-tenant") });
    expect(theirs.id).not.toBe(mine.id);
  });

  it("must be a key", async () => {
    const response = await api("POST", "/v1/jobs", { body: summarizing("x"), headers: headers("a b") });
    expect(await problem(response)).toMatchObject({ status: 400, code: "invalid_idempotency_key" });
  });
});

describe("the list", () => {
  it("pages through all jobs, newest first, and filters by status", async () => {
    const key = await keyOf("lister");
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await submit(summarizing("x", { delay_seconds: 600 }), { key })).id);
    type Page = { jobs: Job[]; next_cursor: string | null };
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const page: Page = await (await api("GET", `/v1/jobs?limit=2${query}`, { key })).json();
      expect(page.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...page.jobs.map((job) => job.id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    await api("DELETE", `/v1/jobs/${ids[0]}`, { key });
    const cancelled: Page = await (await api("GET", "/v1/jobs?status=cancelled", { key })).json();
    expect(cancelled.jobs.map((job) => job.id)).toEqual([ids[0]]);
  });

  it.each(["limit=0", "limit=x", "status=lost", "cursor=1%27", "page=2"])("refuses ?%s", async (query) => {
    expect(await problem(await api("GET", `/v1/jobs?${query}`))).toMatchObject({
      status: 400,
      code: "invalid_request",
    });
  });
});
