import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import shared from "../../../packages/worker-kit/migrations/api-keys/0001_api_keys.sql?raw";
import own from "../migrations/0001_api_keys.sql?raw";
import { api, asked, type Body, keyOf, migrate, thing, value } from "./harness.ts";

beforeAll(migrate);

interface List {
  valuations: Body[];
  next_cursor: string | null;
}

const FAST = "[[no-picture]]";
const list = async (query: string, key?: string) =>
  (await api("GET", `/v1/valuations${query}`, key === undefined ? {} : { key })).json<List>();

describe("submitting", () => {
  it.each<[string, unknown, RegExp]>([
    ["an empty description", "", /Describe what you own/],
    ["only spaces", " \n\t ", /Describe what you own/],
    ["4,001 characters", "a".repeat(4_001), /1 character too many/],
    ["only emoji", "🎸🎸🎸", /no letter or number/],
    ["a number in the place of a text", 42, /Describe what you own/],
  ])("refuses %s in words", async (_, description, words) => {
    const response = await api("POST", "/v1/valuations", { body: { description, category: "other" } });
    expect(response.status).toBe(400);
    const problem = await response.json<{ code: string; errors: { path: string; message: string }[] }>();
    expect(problem).toMatchObject({ code: "invalid_request", errors: [{ path: "/description" }] });
    expect(problem.errors[0]?.message).toMatch(words);
  });

  it("refuses a category that does not exist", async () => {
    const response = await api("POST", "/v1/valuations", { body: { description: thing(), category: "spaceship" } });
    expect(await response.json()).toMatchObject({
      errors: [{ path: "/category", message: "Choose what kind of thing it is." }],
    });
  });

  it.each([
    ["4,000 characters", `${FAST} ${"b".repeat(3_985)}`],
    ["another script, right to left", `${FAST} كتاب قديم من بيروت`],
    ["markup", `${FAST} <script>alert(1)</script><img src=x onerror=alert(1)>`],
    ["SQL", `${FAST} '); DROP TABLE valuations; --`],
  ])("takes %s as what it is", async (_, description) => {
    const made = await value(description);
    expect(made).toMatchObject({ origin: "ai", description: description.trim() });
    const read = await api("GET", `/v1/valuations/${made.id}`, { key: null });
    expect(await read.json()).toMatchObject({ id: made.id, description: description.trim() });
  });

  it("makes one valuation of the same submission sent twice", async () => {
    const description = thing(FAST);
    const headers = { "idempotency-key": crypto.randomUUID() };
    const [first, second] = await Promise.all([value(description, {}, headers), value(description, {}, headers)]);
    expect(second.id).toBe(first.id);
    expect((await value(description, {}, headers)).id).toBe(first.id);
    expect(await asked(description)).toMatchObject({ calls: 1 });
  });

  it("wants a key", async () => {
    const response = await api("POST", "/v1/valuations", { key: null, body: { description: "x", category: "other" } });
    expect(response.status).toBe(401);
  });
});

describe("valuations of a tenant", () => {
  it("are found by text, category, tier and origin, page by page, and by nobody else", async () => {
    const key = await keyOf("collector");
    const make = async (description: string, category: string) => {
      const response = await api("POST", "/v1/valuations", { key, body: { description, category } });
      return (await response.json<Body>()).id;
    };
    const lamp = await make(`${FAST} 100% brass lamp`, "furniture");
    const poster = await make(`${FAST} [[price:45]] poster`, "art");
    const chair = await make(`${FAST} [[fail]] chair`, "furniture");

    expect((await list("", key)).valuations.map(({ id }) => id)).toEqual([chair, poster, lamp]);
    expect((await list("?category=furniture", key)).valuations.map(({ id }) => id)).toEqual([chair, lamp]);
    expect((await list("?tier=D", key)).valuations.map(({ id }) => id)).toContain(poster);
    expect((await list("?origin=estimate", key)).valuations.map(({ id }) => id)).toEqual([chair]);
    expect((await list("?search=BRASS", key)).valuations.map(({ id }) => id)).toEqual([lamp]);
    // A wildcard of SQL is what it looks like.
    expect((await list("?search=100%25", key)).valuations.map(({ id }) => id)).toEqual([lamp]);
    expect((await list("?search=%25chair", key)).valuations).toEqual([]);

    const first = await list("?limit=2", key);
    expect(first.valuations.map(({ id }) => id)).toEqual([chair, poster]);
    const second = await list(`?limit=2&cursor=${first.next_cursor}`, key);
    expect(second).toMatchObject({ valuations: [{ id: lamp }], next_cursor: null });

    expect((await list("", await keyOf("somebody-else"))).valuations).toEqual([]);
  });

  it("are deleted by their owner only, and their picture with the last one that shows it", async () => {
    const description = thing();
    const first = await value(description);
    const second = await value(description);
    const other = await keyOf("thief");
    expect((await api("DELETE", `/v1/valuations/${first.id}`, { key: other })).status).toBe(404);
    expect((await api("DELETE", `/v1/valuations/${first.id}`)).status).toBe(204);
    expect((await api("GET", `/v1/valuations/${first.id}`)).status).toBe(404);
    expect((await api("GET", second.picture ?? "")).status).toBe(200);
    expect((await api("DELETE", `/v1/valuations/${second.id}`)).status).toBe(204);
    expect((await env.PICTURES.list()).objects.map(({ key }) => `/pictures/${key}`)).not.toContain(second.picture);
  });

  it("keep what the model said, and never show it", async () => {
    const made = await value(thing(FAST));
    const row = await env.DB.prepare("SELECT ai_raw_response FROM valuations WHERE id = ?").bind(made.id).first<{
      ai_raw_response: string;
    }>();
    expect(row?.ai_raw_response).toContain("It is what it is.");
    const shown = await (await api("GET", `/v1/valuations/${made.id}`)).text();
    expect(shown).not.toMatch(/raw|owner|visitor:|tenant:/);
  });
});

it("knows no picture by another name", async () => {
  for (const name of ["pic_00000000000000000000000000.jpg", "..%2f..%2fsecret", "x"]) {
    expect((await api("GET", `/pictures/${name}`, { key: null })).status).toBe(404);
  }
});

it("has worker-kit’s own table of API keys", () => {
  expect(own).toBe(shared);
});
