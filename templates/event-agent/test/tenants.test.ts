import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import shared from "../../../packages/worker-kit/migrations/api-keys/0001_api_keys.sql?raw";
import type { Job } from "../src/domain/job.ts";
import { api, keyOf, migrate, problem, submit, summarizing, until } from "./harness.ts";

let stranger = "";
let job: Job;

beforeAll(async () => {
  await migrate();
  stranger = await keyOf("stranger");
  job = await submit(summarizing("mine"));
  await until(job.id, "done");
  await (await api("GET", job.links.result)).text(); // Warms the lookup.
});

describe("another tenant's job", () => {
  it.each([
    ["GET", ""],
    ["GET", "/result"],
    ["GET", "/events"],
    ["DELETE", ""],
    ["POST", "/retry"],
  ])("is not found: %s %s", async (method, path) => {
    const there = await problem(await api(method, `/v1/jobs/${job.id}${path}`, { key: stranger }));
    const nowhere = await problem(
      await api(method, `/v1/jobs/job_00000000000000000000000000${path}`, { key: stranger }),
    );
    expect(there).toMatchObject({ status: 404, code: "not_found" });
    expect(there).toEqual(nowhere);
  });

  it("cannot be stopped while it waits", async () => {
    const waiting = await submit(summarizing("x", { delay_seconds: 600 }));
    expect((await api("DELETE", waiting.links.self, { key: stranger })).status).toBe(404);
    expect(await (await api("GET", waiting.links.self)).json()).toMatchObject({ status: "queued" });
  });

  it("is not in the list", async () => {
    expect(await (await api("GET", "/v1/jobs", { key: stranger })).json()).toEqual({ jobs: [], next_cursor: null });
  });

  it.each(["../default/JOB", "..%2Fdefault%2FJOB", "stranger/../../default/JOB", "x".repeat(2_000)])(
    "is not reached by a path: %s",
    async (path) => {
      const response = await api("GET", `/v1/jobs/${path.replace("JOB", job.id)}/result`, { key: stranger });
      expect(response.status).toBe(404);
    },
  );
});

describe("keys", () => {
  it("are shown once and kept as a hash", async () => {
    const made = await (await api("POST", "/v1/keys", { body: { tenant: "acme", name: "shop" } })).json<{
      id: string;
      key: string;
      hint: string;
    }>();
    expect(made.key).toMatch(/^tnr_[\w-]{43}$/);
    expect(made.key.endsWith(made.hint)).toBe(true);
    const list = await (await api("GET", "/v1/keys")).text();
    expect(list).toContain(made.id);
    expect(list).not.toContain(made.key);
    const rows = await env.DB.prepare("SELECT * FROM api_keys").all();
    expect(JSON.stringify(rows.results)).not.toContain(made.key);
  });

  it("lie in the table that worker-kit expects", async () => {
    const table = await env.DB.prepare("SELECT sql FROM sqlite_schema WHERE name = 'api_keys'").first<{
      sql: string;
    }>();
    expect(`${withoutComments(table?.sql ?? "")};`).toBe(withoutComments(shared));
  });

  it("stop working when they are revoked", async () => {
    const made = await (await api("POST", "/v1/keys", { body: { tenant: "acme", name: "old" } })).json<{
      id: string;
      key: string;
    }>();
    expect((await api("GET", "/v1/jobs", { key: made.key })).status).toBe(200);
    expect(await (await api("DELETE", `/v1/keys/${made.id}`)).json()).toMatchObject({ revoked_at: expect.any(String) });
    expect(await problem(await api("GET", "/v1/jobs", { key: made.key }))).toMatchObject({ status: 401 });
    expect((await api("DELETE", "/v1/keys/key_none")).status).toBe(404);
  });

  it("of a member manage no keys", async () => {
    for (const [method, path] of [
      ["GET", "/v1/keys"],
      ["POST", "/v1/keys"],
      ["DELETE", "/v1/keys/x"],
    ] as const) {
      const answer = await problem(await api(method, path, { key: stranger, ...(method === "POST" && { body: {} }) }));
      expect(answer).toMatchObject({ status: 403, code: "admin_only" });
    }
  });

  it.each(["Default", "a/b", "../x", "", "-a", "a".repeat(65)])(
    "are not made for a tenant named %j",
    async (tenant) => {
      const answer = await problem(await api("POST", "/v1/keys", { body: { tenant, name: "x" } }));
      expect(answer).toMatchObject({ status: 400, paths: ["/tenant"] });
    },
  );

  it.each([
    ["none", null],
    ["a wrong one", "tnr_wrong_key_00000000000000000000"],
    ["one that is too short", "tnr"],
    ["the hash of a key", "0".repeat(64)],
  ])("are needed: %s", async (_, key) => {
    const response = await api("GET", "/v1/jobs", { key });
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await problem(response)).toMatchObject({ status: 401, code: "unauthorized" });
  });

  it("are limited one by one", async () => {
    const busy = await keyOf("busy");
    const calm = await keyOf("calm");
    const statuses = new Set<number>();
    let limited: Response | undefined;
    for (let i = 0; i < 61; i++) {
      const response = await api("POST", "/v1/jobs", { key: busy, body: "{}" });
      statuses.add(response.status);
      if (response.status === 429) limited = response;
    }
    expect(statuses).toEqual(new Set([400, 429]));
    expect(limited?.headers.get("retry-after")).toBe("60");
    expect((await api("POST", "/v1/jobs", { key: calm, body: "{}" })).status).toBe(400);
  });
});

function withoutComments(sql: string): string {
  return sql.replaceAll(/--.*$/gm, "").replaceAll(/\s+/g, " ").trim();
}
