import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { beforeEach, expect, it } from "vitest";
import { mount } from "../src/endpoint.ts";
import { readBudgetShare } from "../src/ledger/budget-share.ts";
import { Usage, usageEndpoint } from "../src/ledger.ts";
import { openApi } from "../src/openapi.ts";
import { answerProblems, ProblemBody, type RequestVariables } from "../src/problem.ts";
import { at, budgetOf, call, emptyDatabase, type MovableLedger, movableLedger, settlement } from "./ledger-harness.ts";

interface TestEnv {
  Variables: RequestVariables & { caller: { tenant: string; scope: "admin" | "member" } };
}

const NANO = 1_000_000_000;
let ledger: MovableLedger;

beforeEach(async () => {
  await emptyDatabase();
  const budget = budgetOf({ stack: 10 * NANO, tenant: 2 * NANO, template: { "edge-cache": NANO } });
  ledger = movableLedger(at("2026-11-20T09:00:00Z"), budget);
});

const endpoint = usageEndpoint<TestEnv>({
  guard: "tenant",
  ledger: () => ({ database: env.LEDGER, budget: ledger.budget, now: () => ledger.clock }),
  caller: (c) => c.get("caller"),
});

function get(query: string, tenant: string, scope: "admin" | "member" = "member"): Promise<Response> {
  const app = new Hono<TestEnv>();
  answerProblems(app);
  mount(app, [endpoint], {
    maxBytes: () => 0,
    guards: {
      async tenant(c, next) {
        c.set("caller", { tenant, scope });
        await next();
      },
    },
  });
  return Promise.resolve(app.request(`/v1/usage${query}`));
}

const usage = async (...request: Parameters<typeof get>) => {
  const response = await get(...request);
  expect(response.status, await response.clone().text()).toBe(200);
  return Usage.parse(await response.json());
};

/** A call of 0.5 dollars at most that is settled. */
async function spend(
  callId: string,
  dollars: number,
  more: { tenant?: string; template?: string; model?: string } = {},
) {
  const { model = "small", ...of } = more;
  await ledger.reserve(call(callId, { worstCase: 0.5 * NANO, ...of }));
  await ledger.settle(callId, settlement(dollars * NANO, { model }));
}

it("shows a tenant its own month: by day, by model, by template", async () => {
  await spend("a", 0.1);
  await spend("b", 0.2, { template: "edge-cache", model: "large" });
  await spend("of another", 0.3, { tenant: "bob" });
  ledger.clock = at("2026-11-21T09:00:00Z");
  await spend("c", 0.000_000_001);
  await ledger.reserve(call("under way", { worstCase: 0.25 * NANO }));

  const small = { calls: 2, cached_calls: 0, input_tokens: 6, output_tokens: 4 };
  const one = { calls: 1, cached_calls: 0, input_tokens: 3, output_tokens: 2 };
  expect(await usage("", "ann")).toEqual({
    scope: "tenant",
    month: "2026-11",
    resets_at: "2026-12-01T00:00:00.000Z",
    ceiling_usd: 2,
    spent_usd: 0.300_000_001,
    reserved_usd: 0.25,
    left_usd: 1.449_999_999,
    expired_usd: 0,
    excess_usd: 0,
    calls: 3,
    cached_calls: 0,
    input_tokens: 9,
    output_tokens: 6,
    by_day: [
      { name: "2026-11-20", spent_usd: 0.3, ...small },
      { name: "2026-11-21", spent_usd: 0.000_000_001, ...one },
    ],
    by_model: [
      { name: "large", spent_usd: 0.2, ...one },
      { name: "small", spent_usd: 0.100_000_001, ...small },
    ],
    by_template: [
      { name: "edge-cache", spent_usd: 0.2, ...one },
      { name: "event-agent", spent_usd: 0.100_000_001, ...small },
    ],
  });
});

it("counts a crashed call at its worst case, in days and templates but with no model", async () => {
  await ledger.reserve(call("crashed", { worstCase: 0.5 * NANO }));
  ledger.clock += 60_000;
  const { spent_usd, expired_usd, reserved_usd, calls, by_day, by_model } = await usage("", "ann");
  expect({ spent_usd, expired_usd, reserved_usd, calls }).toEqual({
    spent_usd: 0.5,
    expired_usd: 0.5,
    reserved_usd: 0,
    calls: 0,
  });
  expect(by_day).toMatchObject([{ name: "2026-11-20", spent_usd: 0.5 }]);
  expect(by_model).toEqual([]);
});

it("shows an admin the whole stack, its tenants and its templates under their ceilings", async () => {
  await spend("a", 0.1);
  await spend("b", 0.2, { template: "edge-cache", tenant: "bob" });
  const stack = await usage("?scope=stack", "ann", "admin");
  expect(stack).toMatchObject({ scope: "stack", ceiling_usd: 10, spent_usd: 0.3, left_usd: 9.7, calls: 2 });
  expect(stack.by_tenant).toMatchObject([
    { name: "bob", spent_usd: 0.2, reserved_usd: 0, ceiling_usd: 2 },
    { name: "ann", spent_usd: 0.1, reserved_usd: 0, ceiling_usd: 2 },
  ]);
  expect(stack.by_template).toMatchObject([
    { name: "edge-cache", spent_usd: 0.2, ceiling_usd: 1 },
    { name: "event-agent", spent_usd: 0.1, ceiling_usd: null },
  ]);
});

it("keeps the stack from members, and one tenant's figures and name from another", async () => {
  await spend("a", 0.1, { tenant: "bob", model: "bobs" });
  const refused = await get("?scope=stack", "ann");
  expect(refused.status).toBe(403);
  expect(ProblemBody.parse(await refused.json()).code).toBe("admin_only");
  const own = await usage("", "ann");
  expect(own).toMatchObject({ spent_usd: 0, calls: 0, left_usd: 2 });
  expect(JSON.stringify(own)).not.toContain("bob");
});

it("shows an earlier month, and the new one as new", async () => {
  await spend("a", 0.1);
  ledger.clock = at("2026-12-01T00:00:00Z");
  expect(await usage("", "ann")).toMatchObject({ month: "2026-12", spent_usd: 0, left_usd: 2, by_day: [] });
  expect(await usage("?month=2026-11", "ann")).toMatchObject({
    month: "2026-11",
    spent_usd: 0.1,
    resets_at: "2026-12-01T00:00:00.000Z",
  });
});

it("has nothing left, not less, when the ceiling is lowered below what is spent", async () => {
  await spend("a", 0.4);
  ledger.budget = budgetOf({ stack: 0.3 * NANO });
  expect(await usage("", "ann")).toMatchObject({ ceiling_usd: 0.3, spent_usd: 0.4, left_usd: 0 });
});

it.each(["?month=2026-13", "?month=november", "?scope=all", "?tenant=bob"])("refuses %s", async (query) => {
  expect((await get(query, "ann")).status).toBe(400);
});

it("describes itself", () => {
  const { paths, components } = openApi({ title: "t", version: "1", description: "d" }, [endpoint]);
  const operation = paths["/v1/usage"]?.get;
  expect(operation?.parameters?.map(({ name }) => name)).toEqual(["scope", "month"]);
  expect(Object.keys(operation?.responses ?? {})).toEqual(["200", "400", "401", "403"]);
  expect(Object.keys(components.schemas)).toEqual(["Problem", "Usage", "UsageCeilingLine", "UsageLine"]);
});

it("says which part of a month's budget is used up, by the fullest ceiling", async () => {
  const share = (tenant: string, template: string) =>
    readBudgetShare({ database: env.LEDGER, budget: ledger.budget, now: () => ledger.clock }, { tenant, template });
  expect(await share("ann", "edge-cache")).toBe(0);
  await spend("one", 0.4, { tenant: "ann", template: "event-agent" });
  expect(await share("ann", "event-agent")).toBeCloseTo(0.2);
  expect(await share("bob", "event-agent")).toBeCloseTo(0.04);
  await ledger.reserve(call("two", { worstCase: 0.5 * NANO, tenant: "bob", template: "edge-cache" }));
  expect(await share("ann", "edge-cache")).toBeCloseTo(0.5);
  ledger.clock = at("2026-12-01T00:00:00Z");
  expect(await share("ann", "edge-cache")).toBe(0);
});
