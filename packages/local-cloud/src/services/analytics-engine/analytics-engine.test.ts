import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createActivityLog } from "../../core/activity.ts";
import { createClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { PLANS } from "../../core/plan.ts";
import type { Binding } from "../../core/service.ts";
import { Store } from "../../core/store.ts";
import { type AnalyticsEngineService, analyticsEngine } from "./index.ts";

/** 2026-07-01 12:00 UTC, in ms. */
const NOON = Date.UTC(2026, 6, 1, 12);
const ACCOUNT = "a".repeat(32);
const directory = mkdtempSync(join(tmpdir(), "analytics-"));
const store = new Store(join(directory, "cloud.sqlite"));
let service: AnalyticsEngineService;
const app = new Hono();

beforeAll(async () => {
  const clock = createClock();
  service = analyticsEngine({
    store,
    clock,
    directory,
    ids: createIds(),
    activity: createActivityLog(() => clock.now()),
    limits: () => PLANS.free,
  });
  if (service.routes) app.route("/accounts/:account_id", service.routes);
  const point = (index: string, path: string, ms: number, minutes: number) =>
    write({
      dataset: "requests",
      indexes: [index],
      blobs: [path, "GET"],
      doubles: [ms],
      timestamp: NOON + minutes * 60_000,
    });
  point("a", "/one", 10, 0);
  point("a", "/two", 30, 4);
  point("b", "/one", 50, 9);
  write({ dataset: "now", doubles: [1] });
});
afterAll(async () => {
  await service.close?.();
  store.close();
  rmSync(directory, { recursive: true });
});

const write = (point: Parameters<AnalyticsEngineService["write"]>[1][number], account = ACCOUNT) =>
  service.write(account, [point]);
const ask = async (sql: string) =>
  app.request(`/accounts/${ACCOUNT}/analytics_engine/sql`, { method: "POST", body: sql });
const rows = async (sql: string) => {
  const response = await ask(sql);
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { data: unknown[] }).data;
};

it.each<[string, unknown[]]>([
  [
    "SELECT blob1 AS path, count() AS n, sum(double1) AS ms FROM requests GROUP BY path ORDER BY ms DESC",
    [
      { path: "/one", n: "2", ms: 60 },
      { path: "/two", n: "1", ms: 30 },
    ],
  ],
  [
    "SELECT avg(double1), min(double1), max(double1) FROM requests WHERE index1 = 'a' AND blob2 IN ('GET', 'PUT')",
    [{ "avg(double1)": 20, "min(double1)": 10, "max(double1)": 30 }],
  ],
  [
    "SELECT toStartOfInterval(timestamp, INTERVAL '5' MINUTE) AS t, count(DISTINCT index1) AS n FROM requests GROUP BY t ORDER BY t",
    [
      { t: "2026-07-01 12:00:00", n: "1" },
      { t: "2026-07-01 12:05:00", n: "1" },
    ],
  ],
  [
    "SELECT blob1 FROM requests WHERE timestamp > toDateTime('2026-07-01 12:03:00') ORDER BY timestamp LIMIT 1",
    [{ blob1: "/two" }],
  ],
  [
    "SELECT blob1 FROM requests WHERE timestamp BETWEEN '2026-07-01 12:08:00' AND '2026-07-01 12:10:00'",
    [{ blob1: "/one" }],
  ],
  [
    "SELECT countIf(double1 >= 30) AS slow, sumIf(double1, blob1 = '/one') AS one, SUM(_sample_interval) AS n FROM requests",
    [{ slow: "2", one: 60, n: 3 }],
  ],
  [
    "SELECT double2, blob3, (double1 + 5) * 2 - 1 AS x, double1 / 4 AS q FROM requests WHERE NOT (blob1 != '/two')",
    [{ double2: 0, blob3: "", x: 69, q: 7.5 }],
  ],
  [
    "SELECT if(double1 > 20, 'slow', 'fast') AS speed FROM requests ORDER BY double1 LIMIT 2 OFFSET 1",
    [{ speed: "slow" }, { speed: "slow" }],
  ],
  ["SELECT count() AS n FROM now WHERE timestamp > now() - INTERVAL '1' DAY", [{ n: "1" }]],
  ["SELECT blob1 FROM requests WHERE blob1 LIKE '%o\\'ne' OR blob1 = 'it''s'", []],
  ["SHOW TABLES", [{ dataset: "now" }, { dataset: "requests" }]],
])("answers %s", async (sql, expected) => {
  expect(await rows(sql)).toEqual(expected);
});

it("writes every format", async () => {
  const sql = "SELECT blob1, double1 FROM requests ORDER BY double1 LIMIT 2 FORMAT";
  expect(await (await ask(`${sql} JSON`)).json()).toEqual({
    meta: [
      { name: "blob1", type: "String" },
      { name: "double1", type: "Float64" },
    ],
    data: [
      { blob1: "/one", double1: 10 },
      { blob1: "/two", double1: 30 },
    ],
    rows: 2,
    rows_before_limit_at_least: 2,
  });
  expect(await (await ask(`${sql} JSONEachRow`)).text()).toBe(
    '{"blob1":"/one","double1":10}\n{"blob1":"/two","double1":30}\n',
  );
  expect(await (await ask(`${sql} TabSeparated`)).text()).toBe("/one\t10\n/two\t30\n");
});

it.each<[string, RegExp]>([
  ["SELECT * FROM requests", /SELECT \* is not emulated/],
  [
    "SELECT quantileWeighted(0.5, double1, _sample_interval) FROM requests",
    /function quantileWeighted is not emulated/,
  ],
  ["SELECT count() FROM requests FORMAT Parquet", /FORMAT Parquet is not emulated/],
  ["SELECT name FROM requests", /unable to find type of column: name/],
  ["SELECT account_id FROM requests", /unable to find type of column: account_id/],
  ["SELECT count() FROM accounts", /unable to find table: accounts/],
  ["SELECT count() FROM analytics_points", /unable to find table: analytics_points/],
  ["SELECT (SELECT 1) FROM requests", /SELECT inside a SELECT is not emulated/],
  ["SELECT count() FROM requests UNION SELECT count() FROM now", /found "UNION"/],
  ["SELECT count() FROM requests JOIN now", /found "JOIN"/],
  ["SELECT count() FROM requests; DROP TABLE accounts", /found "DROP"/],
  ["SELECT load_extension('x') FROM requests", /function load_extension is not emulated/],
  ["SELECT constructor(1) FROM requests", /function constructor is not emulated/],
  ["SELECT count() FROM requests WHERE sum(double1) > 1", /aggregate/],
  ["SELECT count() FROM requests WHERE timestamp > now() - INTERVAL '1' MONTH", /INTERVAL of MONTH is not emulated/],
  ["DELETE FROM requests", /expected SELECT/],
  ["SELECT blob1 FROM requests WHERE blob1 = 'open", /unexpected "'open/],
])("refuses %s", async (sql, message) => {
  const response = await ask(sql);
  expect(response.status).toBe(422);
  expect(await response.text()).toMatch(message);
});

it("keeps the accounts apart", async () => {
  write({ dataset: "theirs", doubles: [1] }, "e".repeat(32));
  expect((await ask("SELECT count() FROM theirs")).status).toBe(422);
});

it("drops a point with 21 blobs, and keeps those beside it", async () => {
  const point = (count: number) => ({ dataset: "many", blobs: Array<string>(count).fill("x") });
  service.write(ACCOUNT, [point(20), point(21), point(1)]);
  expect(await rows("SELECT count() AS n FROM many")).toEqual([{ n: "2" }]);
});

it("binds a dataset, by default named like the binding", () => {
  const bind = (binding: Binding) => service.bindings?.["analytics_engine"]?.(ACCOUNT, binding);
  expect(bind({ type: "analytics_engine", name: "STATS", dataset: "requests" })).toEqual({
    type: "analytics",
    dataset: "requests",
  });
  expect(bind({ type: "analytics_engine", name: "STATS" })).toEqual({ type: "analytics", dataset: "STATS" });
});
