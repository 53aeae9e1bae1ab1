import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Batch } from "../src/domain/batch.ts";
import { routes } from "../src/routes.ts";
import { scheduled } from "../src/scheduled.ts";
import { api, type CallOptions, classifying, keyOf, migrate, ORIGIN, problem, submit } from "./http-harness.ts";

beforeAll(migrate);

// What becomes of a batch is another test's: here nobody takes it up.
const sent = vi
  .spyOn(env.CHORES, "send")
  .mockResolvedValue({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } });

const JOB = { task: "summarize", input: { text: "The batch has ended." } };
const UPLOAD = "/v1/batches?pipeline=classify-and-tag";
const ndjson = (body: CallOptions["body"], headers: Record<string, string> = {}) => ({
  body,
  headers: { "content-type": "application/x-ndjson", ...headers },
});
const sourceOf = async ({ id }: { id: string }, tenant = "default") =>
  (await env.FILES.get(`uploads/${tenant}/${id}`))?.text();

describe("a submission", () => {
  it("in JSON is taken at once, its items kept, and its loading asked for", async () => {
    const response = await api("POST", "/v1/batches", { body: classifying(["one", "two"]) });
    expect(response.status).toBe(202);
    const batch = await response.json<Batch>();
    expect(response.headers.get("location")).toBe(`/v1/batches/${batch.id}`);
    expect(batch).toMatchObject({ status: "loading", pipeline: "classify-and-tag", counts: { total: 0 }, run: 1 });
    expect(JSON.parse((await sourceOf(batch)) ?? "")).toMatchObject({ items: [{ text: "one" }, { text: "two" }] });
    expect(sent).toHaveBeenCalledWith({ kind: "load", batchId: batch.id });
  });

  it.each([
    ["application/x-ndjson", '{"text":"one"}\n{"text":"two"}\n'],
    ["text/csv", "text\none\ntwo\n"],
  ])("as an upload of %s is kept as it is", async (type, body) => {
    const options = encodeURIComponent('{"most_tags":2}');
    const response = await api("POST", `${UPLOAD}&options=${options}`, { body, headers: { "content-type": type } });
    expect(response.status, await response.clone().text()).toBe(202);
    const batch = await response.json<Batch>();
    expect(batch).toMatchObject({ status: "loading", options: { most_tags: 2 } });
    expect(await sourceOf(batch)).toBe(body);
  });

  it("with the address of a file is taken without waiting for the file", async () => {
    const batch = await submit({ pipeline: "classify-and-tag", file_url: "https://files.example/items.csv" });
    expect(batch.status).toBe("loading");
    expect(await sourceOf(batch)).toBeUndefined();
  });

  it("with an item nested without end is taken: only that item is spoilt", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    await submit(`{"pipeline":"classify-and-tag","items":[{"text":"one"},${deep}]}`);
  });

  it("is found even if its loading could not be asked for", async () => {
    sent.mockRejectedValueOnce(new Error("no queue"));
    expect((await submit(classifying(["x"]))).status).toBe("loading");
  });

  it("may ask for a job of the event-agent at its end, where there is one", async () => {
    const context = createExecutionContext();
    const query = `agent_job=${encodeURIComponent(JSON.stringify(JOB))}`;
    const request = new Request(`${ORIGIN}${UPLOAD}&${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.API_KEY}`, "content-type": "text/csv" },
      body: "text\none\n",
    });
    const eventAgent = { fetch: () => Promise.reject(new Error("not before the end")) };
    // Only its being there is looked at now.
    const response = await routes().fetch(request, { ...env, EVENT_AGENT: eventAgent as never }, context);
    expect(response.status, await response.clone().text()).toBe(202);
    const { id } = await response.json<Batch>();
    await waitOnExecutionContext(context);
    const row = await env.DB.prepare("SELECT agent_job FROM batches WHERE id = ?1")
      .bind(id)
      .first<{ agent_job: string }>();
    expect(JSON.parse(row?.agent_job ?? "null")).toEqual(JOB);
  });

  it("belongs to the key's tenant", async () => {
    const key = await keyOf("owner");
    const batch = await submit(classifying(["x"]), { key });
    expect(await sourceOf(batch, "owner")).toBeDefined();
    expect((await api("GET", `/v1/batches/${batch.id}`)).status).toBe(404);
  });
});

describe("a wrong submission", () => {
  const base = { pipeline: "classify-and-tag" };

  it.each<[string, unknown, string[]]>([
    ["an unknown pipeline", { pipeline: "nope", items: [1] }, ["/pipeline"]],
    ["an unknown field", { ...base, items: [1], foo: 1 }, ["/foo"]],
    ["neither items nor an address", base, ["/items"]],
    ["items and an address", { ...base, items: [1], file_url: "https://files.example/" }, ["/items"]],
    ["no items", { ...base, items: [] }, ["/items"]],
    ["options of another pipeline", { ...base, items: [1], options: { foo: 1 } }, ["/options/foo"]],
    ["options that do not fit", { ...base, items: [1], options: { labels: ["a"] } }, ["/options/labels"]],
    ["a webhook inside the network", { ...base, items: [1], webhook_url: "http://10.0.0.1/" }, ["/webhook_url"]],
    ["a job for an event-agent that is not there", { ...base, items: [1], agent_job: JOB }, ["/agent_job"]],
    ["a job that is none", { ...base, items: [1], agent_job: { task: "reply" } }, ["/agent_job/input"]],
    ["a file inside the network", { ...base, file_url: "http://169.254.169.254/items.csv" }, ["/file_url"]],
    ["an address that is none", { ...base, file_url: "ftp://files.example/items.csv" }, ["/file_url"]],
  ])("with %s is refused", async (_, body, paths) => {
    expect(await problem(await api("POST", "/v1/batches", { body }))).toMatchObject({ status: 400, paths });
  });

  it.each([
    ["no pipeline", "", "/pipeline"],
    ["an unknown one", "?pipeline=nope", "/pipeline"],
    ["options that are no JSON", "?pipeline=classify-and-tag&options=x", "/options"],
    ["options that are no object", "?pipeline=classify-and-tag&options=[]", "/options"],
    ["something unknown", "?pipeline=classify-and-tag&items=1", "/items"],
  ])("as an upload with %s in the query is refused", async (_, query, path) => {
    const answer = await problem(await api("POST", `/v1/batches${query}`, ndjson('{"text":"x"}')));
    expect(answer).toMatchObject({ status: 400, paths: [path] });
  });

  it("in JSON says nothing in the query", async () => {
    const answer = await problem(await api("POST", UPLOAD, { body: classifying(["x"]) }));
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
  });

  it.each(["text/plain", "multipart/form-data", "application/xml", ""])("of type %j gets 415", async (type) => {
    const response = await api("POST", UPLOAD, { body: "x", headers: { "content-type": type } });
    expect(await problem(response)).toMatchObject({ status: 415, code: "unsupported_media_type" });
  });

  it.each([
    ["an empty body", "", "invalid_json"],
    ["half a body", '{"pipeline":', "invalid_json"],
  ])("with %s is no JSON", async (_, body, code) => {
    expect(await problem(await api("POST", "/v1/batches", { body }))).toMatchObject({ status: 400, code });
  });

  it("over the limits gets 413, and leaves nothing behind", async () => {
    const key = await keyOf("large");
    const inline = await api("POST", "/v1/batches", { key, body: classifying(["x".repeat(10_000_001)]) });
    expect(await problem(inline)).toMatchObject({ status: 413, code: "body_too_large" });
    const announced = ndjson("x", { "content-length": "100000001" });
    expect(await problem(await api("POST", UPLOAD, { key, ...announced }))).toMatchObject({ status: 413 });
    await leftNothing(key, "large");
  });

  it("with more items than a batch may have is refused", async () => {
    const items = Array.from({ length: 100_001 }, () => 1);
    const answer = await problem(await api("POST", "/v1/batches", { body: { ...base, items } }));
    expect(answer).toMatchObject({ status: 400, paths: ["/items"] });
  });

  it("that breaks off leaves nothing behind, and its key is free again", async () => {
    const key = await keyOf("broken");
    const headers = { "idempotency-key": "broken-1" };
    const lost = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"text":"one"}\n'));
        controller.error(new Error("the line is gone"));
      },
    });
    expect((await api("POST", UPLOAD, { key, ...ndjson(lost, headers) })).status).toBe(400);
    await leftNothing(key, "broken");
    expect((await api("POST", UPLOAD, { key, ...ndjson('{"text":"one"}\n', headers) })).status).toBe(202);
  });

  async function leftNothing(key: string, tenant: string): Promise<void> {
    expect(await (await api("GET", "/v1/batches", { key })).json()).toMatchObject({ batches: [] });
    expect((await env.FILES.list({ prefix: `uploads/${tenant}/` })).objects).toEqual([]);
  }
});

describe("a submission with an Idempotency-Key", () => {
  const file_url = "https://files.example/items.csv";

  it.each<[string, string, CallOptions, [string, CallOptions][]]>([
    [
      "in JSON",
      "/v1/batches",
      { body: classifying(["one"]) },
      [
        ["other items", { body: classifying(["two"]) }],
        ["other options", { body: classifying(["one"], { options: { most_tags: 1 } }) }],
        ["an address instead", { body: { pipeline: "classify-and-tag", file_url } }],
      ],
    ],
    [
      "as an upload",
      UPLOAD,
      ndjson('{"text":"one"}\n'),
      [
        ["other items", ndjson('{"text":"two"}\n')],
        ["fewer items", ndjson('{"text":"one"}')],
        ["more items", ndjson('{"text":"one"}\n{"text":"two"}\n')],
      ],
    ],
    [
      "with the address of a file",
      "/v1/batches",
      { body: { pipeline: "classify-and-tag", file_url } },
      [["another address", { body: { pipeline: "classify-and-tag", file_url: `${file_url}?2` } }]],
    ],
  ])("%s gives the same batch again, and a conflict with anything else", async (name, path, options, others) => {
    const key = await keyOf("repeats");
    const send = (sent: CallOptions) => {
      const headers = { ...sent.headers, "idempotency-key": `same-${name.replaceAll(" ", "-")}` };
      return api("POST", path, { ...sent, key, headers });
    };
    const first = await (await send(options)).json<Batch>();
    const again = await send(options);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([202, "true"]);
    expect((await again.json<Batch>()).id).toBe(first.id);
    for (const [what, other] of others) {
      expect(await problem(await send(other)), what).toMatchObject({ status: 409, code: "idempotency_conflict" });
    }
    const { objects } = await env.FILES.list({ prefix: "uploads/repeats/" });
    expect(objects.filter((object) => object.key.endsWith(first.id)).length).toBe(
      options.body && name !== "with the address of a file" ? 1 : 0,
    );
  });

  it("that comes many times at once is one batch", async () => {
    const key = await keyOf("crowd");
    const headers = { "idempotency-key": "crowd-1" };
    const sent = await Promise.all(
      Array.from({ length: 5 }, () => api("POST", "/v1/batches", { key, headers, body: classifying(["one"]) })),
    );
    const list = await (await api("GET", "/v1/batches", { key })).json<{ batches: Batch[] }>();
    expect(list.batches).toHaveLength(1);
    for (const response of sent) {
      const body = await response.json<{ id?: string; code?: string }>();
      expect([list.batches[0]?.id, "request_under_way"]).toContain(body.id ?? body.code);
    }
  });

  it("whose first upload died with its Worker is made anew, at once or after the cron gave it up", async () => {
    const key = await keyOf("revived");
    const headers = { "idempotency-key": "revived-1" };
    const send = () => api("POST", UPLOAD, { key, ...ndjson('{"text":"one"}\n', headers) });
    const died = async (id: string, ago: number) => {
      const source = JSON.stringify({ kind: "ndjson", key: "none", url: null, bytes: null, sha256: null });
      await env.DB.prepare("UPDATE batches SET status = 'receiving', source = ?2, changed_at = ?3 WHERE id = ?1")
        .bind(id, source, Date.now() - ago)
        .run();
    };
    const first = await (await send()).json<Batch>();
    await died(first.id, 30_000);
    expect(await problem(await send())).toMatchObject({ status: 409, code: "request_under_way" });
    await died(first.id, 61_000);
    const second = await (await send()).json<Batch>();
    expect(second).toMatchObject({ status: "loading" });
    expect((await api("GET", `/v1/batches/${first.id}`, { key })).status).toBe(404);

    await died(second.id, 301_000);
    await scheduled(env);
    expect(await (await api("GET", `/v1/batches/${second.id}`, { key })).json()).toMatchObject({
      status: "failed",
      error: { code: "upload_interrupted" },
    });
    expect(await (await send()).json()).toMatchObject({
      status: "loading",
      id: expect.not.stringContaining(second.id),
    });
  });

  it("that is overtaken because it stood still leaves nothing behind", async () => {
    const key = await keyOf("overtaken");
    let go = () => {};
    const stalled = new ReadableStream<Uint8Array>({
      async start(controller) {
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        controller.enqueue(new TextEncoder().encode('{"text":"one"}\n'));
        controller.close();
      },
    });
    const sending = api("POST", UPLOAD, { key, ...ndjson(stalled) });
    await vi.waitFor(async () => {
      const { meta } = await env.DB.prepare("DELETE FROM batches WHERE tenant = 'overtaken'").run();
      expect(meta.changes).toBe(1);
    }, 30_000);
    go();
    expect(await problem(await sending)).toMatchObject({ status: 409, code: "upload_superseded" });
    expect((await env.FILES.list({ prefix: "uploads/overtaken/" })).objects).toEqual([]);
  });

  it.each(["", "two words", "x".repeat(256)])("that is none is refused: %j", async (header) => {
    const response = await api("POST", "/v1/batches", {
      body: classifying(["x"]),
      headers: { "idempotency-key": header },
    });
    expect(await problem(response)).toMatchObject({ status: 400, code: "invalid_idempotency_key" });
  });
});
