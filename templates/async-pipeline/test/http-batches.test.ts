import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Batch } from "../src/domain/batch.ts";
import { api, getBatch, keyOf, migrate, moveItems, problem, type Seed, seedBatch } from "./http-harness.ts";

beforeAll(migrate);

// What becomes of items that go round again is another test's: here nobody takes them up.
const poke = vi.fn(() => Promise.resolve());
// Only the method that is called is there.
vi.spyOn(env.FEEDER, "getByName").mockReturnValue({ poke } as never);

const waiting: Seed = { status: "waiting" };
const done: Seed = { status: "done", result: { label: "positive", tags: [] } };
const dead = (reason: string, step = "classify"): Seed => ({ status: "dead", reason, step });
const path = ({ id }: { id: string }, more = "") => `/v1/batches/${id}${more}`;

describe("the list", () => {
  it("is paged, newest first, and filtered by status", async () => {
    const key = await keyOf("lister");
    const ids: string[] = [];
    for (const seeds of [[done], [waiting], [done], [done]]) ids.push((await seedBatch("lister", seeds)).id);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { batches: Batch[]; next_cursor: string | null } = await (
        await api("GET", `/v1/batches?limit=2${cursor && `&cursor=${cursor}`}`, { key })
      ).json();
      expect(page.batches.length).toBeLessThanOrEqual(2);
      seen.push(...page.batches.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids.toReversed());
    const running = await (await api("GET", "/v1/batches?status=running", { key })).json<{ batches: Batch[] }>();
    expect(running.batches.map(({ id }) => id)).toEqual([ids[1]]);
  });

  it.each(["?status=odd", "?limit=0", "?limit=101", "?cursor=x", "?page=2"])("refuses %s", async (query) => {
    expect(await problem(await api("GET", `/v1/batches${query}`))).toMatchObject({ status: 400 });
  });
});

describe("a cancel", () => {
  it("stops what has not begun and keeps what is done", async () => {
    const batch = await seedBatch("default", [done, waiting, waiting]);
    const response = await api("POST", path(batch, "/cancel"));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "cancelled",
      cancelling: false,
      counts: { total: 3, done: 1, cancelled: 2, waiting: 0 },
    });
  });

  it("waits for what has begun, however often it is asked for", async () => {
    const batch = await seedBatch("default", [{ status: "released" }, waiting]);
    for (let i = 0; i < 2; i++) {
      const response = await api("POST", path(batch, "/cancel"));
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { status: "running", cancelling: true, counts: { released: 1, cancelled: 1 } },
      ]);
    }
    await moveItems(batch.id, [done]);
    expect(await getBatch(batch.id)).toMatchObject({ status: "cancelled", counts: { done: 1, cancelled: 1 } });
  });

  it("comes too late for a batch that has ended", async () => {
    const batch = await seedBatch("default", [done]);
    expect(await problem(await api("POST", path(batch, "/cancel")))).toMatchObject({
      status: 409,
      code: "already_ended",
    });
  });
});

describe("a removal", () => {
  it("is for batches that have ended, and then for good", async () => {
    const batch = await seedBatch("default", [waiting]);
    expect(await problem(await api("DELETE", path(batch)))).toMatchObject({ status: 409, code: "not_ended" });
    await moveItems(batch.id, [done]);
    expect((await api("DELETE", path(batch))).status).toBe(204);
    expect((await api("GET", path(batch))).status).toBe(404);
    expect((await api("DELETE", path(batch))).status).toBe(404);
    expect((await api("GET", path(batch, "/results"))).status).toBe(404);
  });
});

describe("failures", () => {
  it("are grouped by reason and step, the most frequent first", async () => {
    const batch = await seedBatch("default", [
      done,
      dead("timeout"),
      dead("invalid_answer"),
      dead("invalid_answer"),
      dead("invalid_answer", "combine"),
    ]);
    expect(await (await api("GET", path(batch, "/failures"))).json()).toEqual({
      failures: [
        { reason: "invalid_answer", step: "classify", count: 2, message: "invalid_answer", position: 2 },
        { reason: "invalid_answer", step: "combine", count: 1, message: "invalid_answer", position: 4 },
        { reason: "timeout", step: "classify", count: 1, message: "timeout", position: 1 },
      ],
    });
  });
});

describe("a redrive", () => {
  const seeds: Seed[] = [done, dead("timeout"), dead("invalid_answer"), dead("timeout"), dead("invalid_json")];
  seeds.push({ status: "dead", reason: "invalid_json", unread: true });

  it.each<[string, object, number[]]>([
    ["all dead items that could be read", {}, [1, 2, 3, 4]],
    ["those of one reason", { reason: "timeout" }, [1, 3]],
    ["chosen ones", { positions: [0, 2, 4, 99] }, [2, 4]],
    ["chosen ones of a reason", { reason: "timeout", positions: [1, 2] }, [1]],
  ])("sends round %s", async (_, body, positions) => {
    const batch = await seedBatch("default", seeds);
    expect(batch.status).toBe("done");
    const response = await api("POST", path(batch, "/redrive"), { body });
    expect(response.status, await response.clone().text()).toBe(202);
    expect(await response.json()).toMatchObject({
      redriven: positions.length,
      batch: { id: batch.id, run: 2, counts: { done: 1, dead: 5 - positions.length } },
    });
    expect(poke).toHaveBeenLastCalledWith("default");
    const { results } = await env.DB.prepare(
      "SELECT position FROM items WHERE batch_id = ?1 AND status = 'waiting' ORDER BY position",
    )
      .bind(batch.id)
      .all<{ position: number }>();
    expect(results.map(({ position }) => position)).toEqual(positions);
  });

  it.each<[string, Seed[], object]>([
    ["there are no dead items", [done], {}],
    ["none is of the choice", [dead("timeout")], { reason: "invalid_answer" }],
    ["none could be read", [{ status: "dead", reason: "x", unread: true }], {}],
  ])("is refused when %s", async (_, items, body) => {
    const batch = await seedBatch("default", items);
    const answer = await problem(await api("POST", path(batch, "/redrive"), { body }));
    expect(answer).toMatchObject({ status: 409, code: "nothing_to_redrive" });
    expect(await getBatch(batch.id)).toMatchObject({ status: "done", run: 1 });
  });

  it.each([
    ["an unknown field", { all: true }, "/all"],
    ["no position", { positions: [] }, "/positions"],
    ["a position that is none", { positions: [-1] }, "/positions/0"],
  ])("is refused with %s", async (_, body, field) => {
    const batch = await seedBatch("default", seeds);
    const answer = await problem(await api("POST", path(batch, "/redrive"), { body }));
    expect(answer).toMatchObject({ status: 400, paths: [field] });
  });

  it("with the same Idempotency-Key is made once", async () => {
    const batch = await seedBatch("default", [dead("timeout"), done]);
    const headers = { "idempotency-key": `once-${batch.id}` };
    const first = await api("POST", path(batch, "/redrive"), { body: {}, headers });
    expect(first.status).toBe(202);
    // Dead again: a second redrive would find it.
    await moveItems(batch.id, [{ status: "released" }]);
    await moveItems(batch.id, [dead("timeout")]);
    const again = await api("POST", path(batch, "/redrive"), { body: {}, headers });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([202, "true"]);
    expect(await again.json()).toEqual(await first.json());
    expect(await getBatch(batch.id)).toMatchObject({ run: 2, counts: { dead: 1 } });
    const other = await api("POST", path(batch, "/redrive"), { body: { reason: "timeout" }, headers });
    expect(await problem(other)).toMatchObject({ status: 409, code: "idempotency_conflict" });
  });
});
