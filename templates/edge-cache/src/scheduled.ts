import { now } from "@tenner/worker-kit/clock";
import { Settings } from "@tenner/worker-kit/settings";
import { keepLedger } from "@tenner/worker-kit/upkeep";
import { forgetRaised } from "./cache/generations.ts";
import { ledgerOf } from "./upstream.ts";

/** No answer lives longer: 30 days, and one of being stale. */
const LONGEST_LIFE_MS = 31 * 86_400_000;

/** The cron: forgets purges that nothing is left of, and keeps the ledger in order. */
export async function scheduled(env: Env): Promise<void> {
  const at = now(env);
  await forgetRaised(env.DB, at - LONGEST_LIFE_MS);
  await keepLedger(ledgerOf(env, Settings.parse(env.SETTINGS)), at);
}
