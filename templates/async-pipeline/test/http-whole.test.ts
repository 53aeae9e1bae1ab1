import { env } from "cloudflare:workers";
import { verifyWebhook } from "@tenner/worker-kit/webhooks";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Batch } from "../src/domain/batch.ts";
import { api, migrate } from "./http-harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
});

const LINES = ['{"text":"fine 1"}', '{"text":', '{"text":"[[refuse]] poison"}', '{"nope":1}', '{"text":"fine 2"}'];

it("an upload goes its whole way: watched, with reasons, results, a webhook, and round again", async () => {
  const told: { headers: Headers; body: string }[] = [];
  const direct = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...args) => {
    const request = new Request(...args);
    if (new URL(request.url).hostname !== "shop.example") return direct(request);
    told.push({ headers: request.headers, body: await request.text() });
    return new Response(null, { status: 204 });
  });

  const query = `pipeline=classify-and-tag&webhook_url=${encodeURIComponent("https://shop.example/hooks")}`;
  const taken = await api("POST", `/v1/batches?${query}`, {
    body: LINES.join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  expect(taken.status, await taken.clone().text()).toBe(202);
  const { id } = await taken.json<Batch>();
  const path = `/v1/batches/${id}`;

  expect(await end(path)).toMatchObject({ status: "done", run: 1, counts: { total: 5, done: 2, dead: 3, waiting: 0 } });
  const { failures } = await (await api("GET", `${path}/failures`)).json<{ failures: { reason: string }[] }>();
  expect(failures).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ reason: "invalid_json", step: "load", count: 1, position: 1 }),
      expect.objectContaining({ reason: "invalid_item", step: "load", count: 1, position: 3 }),
      expect.objectContaining({ step: "classify", count: 1, position: 2 }),
    ]),
  );
  const results = (await (await api("GET", `${path}/results`)).text()).trim().split("\n");
  expect(results.map((line) => JSON.parse(line))).toMatchObject([
    { position: 0, line: 1, result: { label: "positive" } },
    { position: 4, line: 5, result: { label: "positive" } },
  ]);
  expect(await (await api("GET", `${path}/items/2`)).json()).toMatchObject({ input: { text: "[[refuse]] poison" } });

  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 30_000 });
  expect(
    await verifyWebhook(env.WEBHOOK_SECRET, told[0]?.headers ?? new Headers(), told[0]?.body ?? "", Date.now()),
  ).toBe(`msg_${id}_1`);
  expect(JSON.parse(told[0]?.body ?? "")).toMatchObject({
    type: "batch.done",
    data: { batch: { id, counts: { done: 2, dead: 3 } } },
  });

  const redriven = await api("POST", `${path}/redrive`, { body: {} });
  expect(await redriven.json()).toMatchObject({ redriven: 1, batch: { run: 2 } });
  expect(await end(path)).toMatchObject({ status: "done", run: 2, counts: { total: 5, done: 2, dead: 3 } });
  await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 30_000 });
  expect(told[1]?.headers.get("webhook-id")).toBe(`msg_${id}_2`);

  expect((await api("DELETE", path)).status).toBe(204);
  await vi.waitFor(
    async () => {
      expect(await env.DB.prepare("SELECT id FROM batches WHERE id = ?1").bind(id).first()).toBeNull();
      expect((await env.FILES.list()).objects.filter(({ key }) => key.includes(id))).toEqual([]);
    },
    { timeout: 30_000 },
  );
});

/** Follows a batch's events to their end and returns the last. */
async function end(path: string): Promise<Batch> {
  const text = await (await api("GET", `${path}/events`)).text();
  const last = text.trim().split("\n\n").at(-1) ?? "";
  return JSON.parse(/^data: (.+)$/m.exec(last)?.[1] ?? "null") as Batch;
}
