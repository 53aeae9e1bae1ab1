// A process that reserves and settles without end, and says what was acknowledged: for a test that kills it.
// node ledger-process.ts <folder of the database> <ceiling in nano-dollars>
import { Miniflare } from "miniflare";
import { d1Ledger, usdOf } from "../src/ledger.ts";
import { Settings } from "../src/settings.ts";

const [folder = "", ceiling = "0"] = process.argv.slice(2);
const runtime = new Miniflare({
  modules: true,
  script: "export default {}",
  cf: false,
  compatibilityDate: "2026-11-01",
  d1Databases: { LEDGER: "ledger" },
  defaultPersistRoot: folder,
});
const ledger = d1Ledger({
  database: await runtime.getD1Database("LEDGER"),
  budget: Settings.parse({ budget: { monthlyUsd: usdOf(Number(ceiling)) } }).budget,
  now: () => Date.UTC(2026, 10, 21),
});

const call = { worstCase: 10, template: "event-agent", expiresInMs: 60_000 };

async function lane(name: number): Promise<never> {
  for (let n = 0; ; n++) {
    const callId = `lane ${name} call ${n}`;
    const { kind } = await ledger.reserve({ ...call, callId, tenant: `tenant ${name % 3}` });
    console.log(JSON.stringify({ callId, kind }));
    if (kind !== "reserved") continue;
    await ledger.settle(callId, { cost: 3, model: "small", inputTokens: 1, outputTokens: 1, cached: false });
    console.log(JSON.stringify({ callId, kind: "settled" }));
  }
}

// One that is certainly under way at the kill.
const { kind } = await ledger.reserve({ ...call, callId: "never settled", tenant: "tenant 0" });
console.log(JSON.stringify({ callId: "never settled", kind }));
await Promise.all(Array.from({ length: 8 }, (_, name) => lane(name)));
