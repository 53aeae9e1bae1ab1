import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { budgetOf, call, emptyDatabase, movableLedger, settlement, sum } from "./ledger-harness.ts";

const NOVEMBER = Date.UTC(2026, 10, 21);

beforeEach(emptyDatabase);

it("lets exactly 100 of 1,000 concurrent calls through when the budget is for 100", async () => {
  const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 1_000 }));
  const results = await Promise.all(Array.from({ length: 1_000 }, (_, n) => ledger.reserve(call(`call ${n}`))));

  expect(results.filter(({ kind }) => kind === "reserved")).toHaveLength(100);
  const refused = results.filter((result) => result.kind === "refused");
  expect(refused).toHaveLength(900);
  // Nothing was given back meanwhile, so a correct refusal has seen the whole budget committed.
  for (const refusal of refused) expect(refusal).toMatchObject({ scope: "stack", ceiling: 1_000, committed: 1_000 });
  expect(await sum("2026-11")).toEqual({ reserved: 1_000, spent: 0 });
  expect(await env.LEDGER.prepare("SELECT count(*) AS n FROM calls").first("n")).toBe(100);
});

it("spends not one nano-dollar too much while 1,000 calls of three tenants repeat, settle below, crash and come back", async () => {
  const budget = budgetOf({ stack: 1_000, tenant: 600, template: { "edge-cache": 300 } });
  const ledger = movableLedger(NOVEMBER, budget);
  const spent = { ann: 0, bob: 0, cleo: 0 };
  const tenants = ["ann", "bob", "cleo"] as const;
  const oversteps: string[] = [];
  let through = 0;

  async function one(n: number): Promise<void> {
    const tenant = tenants[n % 3] ?? "ann";
    const each = call(`call ${n}`, { tenant, template: n % 2 === 0 ? "edge-cache" : "event-agent" });
    // Every seventh is repeated at once, as after a lost answer: both find one reservation, or are refused each.
    const answers = await Promise.all(Array.from({ length: n % 7 === 0 ? 2 : 1 }, () => ledger.reserve(each)));
    const { reserved, spent: settled } = await sum("2026-11");
    if (reserved + settled > 1_000) oversteps.push(`${reserved} + ${settled} after call ${n}`);
    if (!answers.some(({ kind }) => kind === "reserved")) return;
    through++;
    // Every fifth crashes: its worst case stays. The others cost less than half of it and make room.
    const cost = n % 5 === 0 ? 10 : n % 4;
    spent[tenant] += cost;
    if (n % 5 !== 0) await ledger.settle(each.callId, settlement(cost));
  }
  // 100 lanes of 10 calls, so that settlements meet reservations.
  await Promise.all(
    Array.from({ length: 100 }, async (_, lane) => {
      for (let n = lane; n < 1_000; n += 100) await one(n);
    }),
  );

  expect(oversteps).toEqual([]);
  expect(through).toBeGreaterThan(100);
  ledger.clock += 60_000;
  while ((await ledger.expire()) > 0);
  const total = spent.ann + spent.bob + spent.cleo;
  expect(await sum("2026-11")).toEqual({ reserved: 0, spent: total });
  for (const tenant of tenants) {
    expect(await sum("2026-11", "tenant", tenant)).toEqual({ reserved: 0, spent: spent[tenant] });
    expect(spent[tenant]).toBeLessThanOrEqual(600);
  }
  expect((await sum("2026-11", "template", "edge-cache")).spent).toBeLessThanOrEqual(300);
  expect(total).toBeLessThanOrEqual(1_000);
});
