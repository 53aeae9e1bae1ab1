import { now } from "@tenner/worker-kit/clock";
import { Settings } from "@tenner/worker-kit/settings";
import { keepLedger } from "@tenner/worker-kit/upkeep";
import { ledgerOf } from "./adapters/model-client.ts";

/** The cron: keeps the ledger in order. */
export async function scheduled(env: Env): Promise<void> {
  await keepLedger(ledgerOf(env, Settings.parse(env.SETTINGS)), now(env));
}
