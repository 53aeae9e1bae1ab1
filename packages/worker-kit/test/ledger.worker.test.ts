import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { d1Ledger } from "../src/ledger.ts";
import { Settings } from "../src/settings.ts";

beforeEach(async () => {
  await applyD1Migrations(env.LEDGER, env.MIGRATIONS);
});

it("reserves", async () => {
  const ledger = d1Ledger({
    database: env.LEDGER,
    budget: Settings.parse({}).budget,
    now: () => Date.UTC(2026, 10, 5),
  });
  expect(await ledger.reserve({ callId: "a", worstCase: 5, template: "t", tenant: "x", expiresInMs: 1000 })).toEqual({
    kind: "reserved",
    callId: "a",
    month: "2026-11",
  });
  await ledger.settle("a", { cost: 3, model: "m", inputTokens: 1, outputTokens: 2, cached: false });
  console.log((await env.LEDGER.prepare("select * from sums").all()).results);
});
