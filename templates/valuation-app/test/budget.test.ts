import { env } from "cloudflare:workers";
import { d1Ledger } from "@tenner/worker-kit/ledger";
import { Settings } from "@tenner/worker-kit/settings";
import { beforeAll, expect, it } from "vitest";
import { asked, migrate, thing, value } from "./harness.ts";

beforeAll(migrate);

it("gives the estimate when the budget is used up, and no model is asked", async () => {
  const { budget } = Settings.parse(env.SETTINGS);
  const ledger = d1Ledger({ database: env.LEDGER, budget, now: () => Date.now() });
  const held = await ledger.reserve({
    callId: "everything",
    worstCase: 9_999_999_000,
    template: "event-agent",
    tenant: "others",
    expiresInMs: 600_000,
  });
  expect(held.kind).toBe("reserved");
  const description = thing();
  expect(await value(description)).toMatchObject({ origin: "estimate", reason: "budget_exhausted", picture: null });
  expect(await asked(description)).toEqual({ calls: 0, pictures: 0 });
  await ledger.release("everything");
  expect(await value(description)).toMatchObject({ origin: "ai" });
});
