import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { BatchRecord } from "../src/domain/batch.ts";
import { api, getBatch, keyOf, migrate, ORIGIN, problem, seedBatch } from "./http-harness.ts";

interface Described {
  paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>;
}

let stranger = "";
let mine: BatchRecord;
let operations: { method: string; path: string; hasBody: boolean }[] = [];

beforeAll(async () => {
  await migrate();
  stranger = await keyOf("stranger");
  mine = await seedBatch("owner", [
    { status: "done", result: { label: "secret" } },
    { status: "dead", reason: "secret_reason" },
    { status: "waiting" },
  ]);
  const { paths } = await (await api("GET", "/openapi.json")).json<Described>();
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      hasBody: requestBody !== undefined,
    })),
  );
});

describe("another tenant's batch", () => {
  it("is not found by any operation on it, and cannot be told from one that does not exist", async () => {
    const ofBatch = operations.filter(({ path }) => path.startsWith("/v1/batches/{id}"));
    expect(ofBatch.map(({ method, path }) => `${method} ${path.slice("/v1/batches/{id}".length)}`).toSorted()).toEqual([
      "DELETE ",
      "GET ",
      "GET /events",
      "GET /failures",
      "GET /items",
      "GET /items/{position}",
      "GET /results",
      "POST /cancel",
      "POST /redrive",
    ]);
    for (const { method, path, hasBody } of ofBatch) {
      const at = (id: string) => path.replace("{id}", id).replace("{position}", "0");
      const send = async (id: string) =>
        problem(await api(method, at(id), { key: stranger, ...(hasBody && { body: {} }) }));
      const there = await send(mine.id);
      expect(there, `${method} ${path}`).toMatchObject({ status: 404, code: "not_found" });
      expect(await send(`batch_${"0".repeat(26)}`)).toEqual(there);
    }
    const key = await keyOf("owner");
    expect(await getBatch(mine.id, key)).toMatchObject({
      status: "running",
      run: 1,
      version: mine.version,
      counts: { done: 1, dead: 1, waiting: 1 },
    });
  });

  it("is not in the list, nor in its own key's conflicts", async () => {
    expect(await (await api("GET", "/v1/batches", { key: stranger })).json()).toEqual({
      batches: [],
      next_cursor: null,
    });
  });

  it.each(["../ID", "..%2FID", "ID%00", "ID/../ID", "x".repeat(2_000)])(
    "is not reached by an odd path: %s",
    async (path) => {
      const response = await api("GET", `/v1/batches/${path.replaceAll("ID", mine.id)}/results`, { key: stranger });
      expect(response.status).toBe(404);
    },
  );
});

describe("a key", () => {
  it("is needed for every operation but those about the Worker", async () => {
    for (const { method, path } of operations.filter((each) => each.path.startsWith("/v1/"))) {
      const response = await api(method, path.replace("{id}", mine.id).replace("{position}", "0"), { key: null });
      expect(await problem(response), `${method} ${path}`).toMatchObject({ status: 401, code: "unauthorized" });
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="async-pipeline"');
    }
  });

  it("of a member manages no keys", async () => {
    expect(await problem(await api("GET", "/v1/keys", { key: stranger }))).toMatchObject({ code: "admin_only" });
  });

  it("has its submissions counted", async () => {
    const busy = await keyOf("busy");
    const statuses = new Set<number>();
    for (let i = 0; i < 61; i++) {
      const response = await api("POST", "/v1/batches", { key: busy, body: "{}" });
      statuses.add(response.status);
    }
    expect(statuses).toEqual(new Set([400, 429]));
  });
});

it("answers from the Worker, not from the page's files", async () => {
  expect((await env.ASSETS.fetch(`${ORIGIN}/`)).status).toBe(200);
  expect((await api("GET", "/v1/nothing")).headers.get("content-type")).toBe("application/problem+json");
});
