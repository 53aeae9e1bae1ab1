import { describe, expect, it } from "vitest";
import { Duration } from "./duration.ts";
import { BEARER, createTestCloud, type TestCloud } from "./testing-cloud.ts";

const json = async (cloud: TestCloud, path: string, init?: RequestInit): Promise<unknown> =>
  (await cloud.request(path, { ...init, headers: BEARER })).json();
const post = (cloud: TestCloud, path: string, body: unknown, method = "POST") =>
  cloud.request(path, { method, headers: BEARER, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("looking", () => {
  it("lists the Workers that have an address", async () => {
    expect(await json(createTestCloud(), "/workers")).toEqual({
      workers: [{ accountId: "a1", script: "agent", url: "http://127.0.0.1:8801" }],
    });
  });

  it("shows everything at once", async () => {
    const cloud = createTestCloud();
    cloud.faults.add({ kind: "slow", ms: 10 });
    cloud.clock.advance(5000);
    expect(await json(cloud, "/overview")).toMatchObject({
      version: "0.1.0",
      url: "http://127.0.0.1:8787",
      clock: { offset: 5000 },
      faults: [{ service: "workers-ai", kind: "slow", ms: 10 }],
      accounts: [
        {
          id: "a1",
          runtime: "running",
          workers: [{ script: "agent" }, { script: "hidden" }],
          resources: [{ name: "jobs" }],
        },
        { id: "a2", runtime: "sleeping", plan: "free", workers: [] },
      ],
    });
  });

  it("tells its health to anybody on this machine", async () => {
    const answer = await createTestCloud().request("/health");
    expect(await answer.json()).toEqual({ ok: true, version: "0.1.0" });
  });

  it("answers activities after a number", async () => {
    const cloud = createTestCloud();
    for (const message of ["one", "two", "three"]) record(cloud, message);
    expect(await json(cloud, "/activity")).toMatchObject({ activities: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    expect(await json(cloud, "/activity?after=2")).toMatchObject({ activities: [{ id: 3, message: "three" }] });
    expect((await cloud.request("/activity?after=x", { headers: BEARER })).status).toBe(400);
  });

  it("answers 404 by name where nothing is", async () => {
    const answer = await createTestCloud().request("/nowhere", { headers: BEARER });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("no such route: GET /nowhere");
  });
});

describe("clock", () => {
  it.each([
    [1500, 1500],
    ["1500ms", 1500],
    ["90s", 90_000],
    ["24h", 86_400_000],
    ["1d 6h", 108_000_000],
    ["1.5h", 5_400_000],
    ["1w", 604_800_000],
    [0, 0],
  ])("moves by %j", async (advance, ms) => {
    const cloud = createTestCloud();
    expect((await post(cloud, "/clock", { advance })).status).toBe(200);
    expect(cloud.clock.offset).toBe(ms);
    expect(await json(cloud, "/clock")).toMatchObject({ offset: ms });
  });

  it.each<unknown>([-1, "-1h", "soon", "", "24", "24h please", null, 1e15, "9999999w", [1]])(
    "refuses %j and says what it wants",
    async (advance) => {
      const cloud = createTestCloud();
      const answer = await post(cloud, "/clock", { advance });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("advance: ");
      expect(cloud.clock.offset).toBe(0);
    },
  );

  it("refuses a body that is not JSON, and fields it does not know", async () => {
    const cloud = createTestCloud();
    expect((await post(cloud, "/clock", "{")).status).toBe(400);
    expect((await post(cloud, "/clock", { advance: 1, back: 2 })).status).toBe(400);
  });

  it("names the units", () => {
    expect(Duration.safeParse("1y").error?.issues[0]?.message).toContain('"24h"');
  });
});

describe("faults", () => {
  it("adds, replaces and clears them", async () => {
    const cloud = createTestCloud();
    await post(cloud, "/faults", { kind: "fail", status: 503 });
    await post(cloud, "/faults", { kind: "slow", ms: 5 });
    expect(cloud.faults.list()).toHaveLength(2);
    await post(cloud, "/faults", [{ kind: "hang", ms: 5 }], "PUT");
    expect(await json(cloud, "/faults")).toEqual({ faults: [{ service: "workers-ai", kind: "hang", ms: 5 }] });
    await cloud.request("/faults", { method: "DELETE", headers: BEARER });
    expect(cloud.faults.list()).toEqual([]);
  });

  it("keeps what is set when a replacement is wrong", async () => {
    const cloud = createTestCloud();
    cloud.faults.add({ kind: "fail" });
    expect((await post(cloud, "/faults", [{ kind: "explode" }], "PUT")).status).toBe(400);
    expect(cloud.faults.list()).toHaveLength(1);
  });
});

describe("reset", () => {
  it("empties one account or all, and leaves a note", async () => {
    const cloud = createTestCloud();
    expect((await post(cloud, "/reset", { account: "a2" })).status).toBe(200);
    expect((await post(cloud, "/reset", "")).status).toBe(200);
    expect(cloud.resets).toEqual(["a2", undefined]);
    expect(cloud.activity.recent()).toMatchObject([{ accountId: "a2" }, { accountId: "a1" }, { accountId: "a2" }]);
  });

  it.each<[number, unknown]>([
    [404, { account: "a9" }],
    [400, { account: 1 }],
    [400, { acount: "a1" }],
  ])("answers %i to %j and empties nothing", async (status, body) => {
    const cloud = createTestCloud();
    expect((await post(cloud, "/reset", body)).status).toBe(status);
    expect(cloud.resets).toEqual([]);
  });
});

describe("events", () => {
  it("sends what was, what comes, and signs of life", async () => {
    const cloud = createTestCloud();
    record(cloud, "before");
    const events = await listen(cloud);
    expect(await events.next("hello")).toMatchObject({ resumed: false });
    expect(await events.next("activity")).toMatchObject([{ id: 1, message: "before" }]);
    expect(await events.next("state")).toMatchObject({ offset: 0, faults: [] });
    record(cloud, "live");
    expect(await events.next("activity")).toMatchObject([{ id: 2, message: "live" }]);
    cloud.clock.advance(60_000);
    await expect.poll(() => events.next("state"), { timeout: 30_000 }).toMatchObject({ offset: 60_000 });
    await events.end();
  });

  it("resumes after the last event a client saw", async () => {
    const cloud = createTestCloud();
    record(cloud, "one");
    const first = await listen(cloud);
    await first.next("activity");
    await first.end();
    expect(first.lastId).toMatch(/:1$/);
    record(cloud, "two");
    const second = await listen(cloud, { "last-event-id": first.lastId });
    expect(await second.next("hello")).toMatchObject({ resumed: true });
    expect(await second.next("activity")).toMatchObject([{ id: 2, message: "two" }]);
    await second.end();
  });

  it("starts over for a client that saw an earlier run of the cloud", async () => {
    const cloud = createTestCloud();
    record(cloud, "one");
    const events = await listen(cloud, { "last-event-id": "earlier-run:500" });
    expect(await events.next("hello")).toMatchObject({ resumed: false });
    expect(await events.next("activity")).toMatchObject([{ id: 1 }]);
    await events.end();
  });

  it("gathers a burst into few events", async () => {
    const cloud = createTestCloud();
    const events = await listen(cloud);
    await events.next("state");
    for (let index = 0; index < 500; index++) record(cloud, String(index));
    const first = (await events.next("activity")) as unknown[];
    expect(first.length).toBe(500);
    await events.end();
  });
});

function record(cloud: TestCloud, message: string): void {
  cloud.activity.record({ type: "log", accountId: "a1", script: "agent", level: "info", message });
}

/** Reads a stream event by event; `next` skips to the next of a kind. */
async function listen(cloud: TestCloud, headers: Record<string, string> = {}) {
  const answer = await cloud.request("/events", { headers: { ...BEARER, ...headers } });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const events = {
    lastId: "",
    async next(kind: string): Promise<unknown> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end < 0) {
          const read = await reader?.read();
          if (!read || read.done) throw new Error(`the stream ended before "${kind}"`);
          text += read.value;
          continue;
        }
        const fields = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => line.split(/: (.*)/s) as [string, string]),
        );
        text = text.slice(end + 2);
        events.lastId = fields.get("id") ?? events.lastId;
        if (fields.get("event") === kind) return JSON.parse(fields.get("data") ?? "null");
      }
    },
    end: async () => reader?.cancel(),
  };
  return events;
}
