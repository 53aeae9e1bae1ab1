import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../src/domain/item.ts";
import { api, migrate, problem, type Seed, seedBatch } from "./http-harness.ts";

beforeAll(migrate);

const done = (result: unknown, large = false): Seed => ({ status: "done", result, large });
const dead = (reason: string): Seed => ({ status: "dead", reason });

describe("a batch's items", () => {
  it("are paged in the order of the source, and filtered by status and reason", async () => {
    const batch = await seedBatch("default", [done(1), dead("timeout"), dead("odd"), done(2), dead("timeout")]);
    const list = async (query: string) =>
      (await api("GET", `/v1/batches/${batch.id}/items${query}`)).json<{ items: Item[]; next_cursor: string | null }>();
    const first = await list("?limit=2");
    const second = await list(`?limit=2&cursor=${first.next_cursor}`);
    const third = await list(`?limit=2&cursor=${second.next_cursor}`);
    const positions = [first, second, third].map((page) => page.items.map(({ position }) => position));
    expect(positions).toEqual([[0, 1], [2, 3], [4]]);
    expect(third.next_cursor).toBeNull();
    expect((await list("?status=dead")).items).toMatchObject([
      { position: 1, line: 2, status: "dead", reason: "timeout", step: "classify" },
      { position: 2, reason: "odd" },
      { position: 4 },
    ]);
    expect((await list("?status=dead&reason=timeout")).items.map(({ position }) => position)).toEqual([1, 4]);
  });

  it("are shown one by one with input and result, however large", async () => {
    const large = { text: "x".repeat(50_000) };
    const batch = await seedBatch("default", [done({ label: "a" }), done(large, true), dead("timeout")]);
    const get = async (position: number) => (await api("GET", `/v1/batches/${batch.id}/items/${position}`)).json();
    expect(await get(0)).toMatchObject({ position: 0, input: { text: "text 0" }, result: { label: "a" } });
    expect(await get(1)).toMatchObject({ position: 1, input: { text: "text 1" }, result: large });
    expect(await get(2)).toMatchObject({ position: 2, input: { text: "text 2" }, result: null, reason: "timeout" });
  });

  it("have no input where the source could not be read", async () => {
    const batch = await seedBatch("default", [{ status: "dead", reason: "", unread: true }]);
    expect(await (await api("GET", `/v1/batches/${batch.id}/items/0`)).json()).toMatchObject({
      status: "dead",
      reason: "invalid_json",
      input: null,
      result: null,
    });
  });

  it.each(["1", "-1", "x", "0.5", "99999999"])("are not there at %s", async (position) => {
    const batch = await seedBatch("default", [done(1)]);
    expect(await problem(await api("GET", `/v1/batches/${batch.id}/items/${position}`))).toMatchObject({
      status: 404,
      code: "not_found",
    });
  });
});

describe("the results", () => {
  it("are NDJSON of the done items over many pages, large ones too", async () => {
    // More than one query's rows; every seventh is dead, some lie in R2.
    const seeds = Array.from({ length: 1_200 }, (_, n): Seed => {
      return n % 7 === 3 ? dead("timeout") : done({ n, text: "line\nbreak" }, n % 300 === 0);
    });
    const batch = await seedBatch("default", seeds);
    const response = await api("GET", `/v1/batches/${batch.id}/results`);
    expect(response.headers.get("content-type")).toContain("application/x-ndjson");
    expect(response.headers.get("content-disposition")).toContain(`${batch.id}.ndjson`);
    const lines = parse(await response.text());
    const expected = seeds.flatMap((seed, position) =>
      seed.status === "done" ? [{ position, line: position + 1, result: seed.result }] : [],
    );
    expect(lines).toEqual(expected);

    const rest = await api("GET", `/v1/batches/${batch.id}/results?after=${expected.at(-3)?.position}`);
    expect(parse(await rest.text())).toEqual(expected.slice(-2));
  });

  it("are empty while there are none", async () => {
    const batch = await seedBatch("default", [{ status: "waiting" }]);
    const response = await api("GET", `/v1/batches/${batch.id}/results`);
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  it("say null for a result whose file is gone, and go on", async () => {
    const batch = await seedBatch("default", [done("lost", true), done("kept")]);
    await env.FILES.delete(`results/${batch.id}/0`);
    const response = await api("GET", `/v1/batches/${batch.id}/results`);
    expect(parse(await response.text()).map(({ result }) => result)).toEqual([null, "kept"]);
  });
});

function parse(text: string): { position: number; line: number | null; result: unknown }[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { position: number; line: number | null; result: unknown });
}
