import { forgetRevokedTokens } from "@tenner/worker-kit/access";
import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { keepLedger } from "@tenner/worker-kit/upkeep";
import { ledgerOf } from "./adapters/model-client.ts";
import { sendDueReappraisals } from "./reappraisal.ts";

/** The cron: keeps the ledger in order, and has followed things appraised again. */
export async function scheduled(env: Env): Promise<void> {
  const settings = settingsOf(env);
  await keepLedger(ledgerOf(env, settings), now(env));
  await sendDueReappraisals(env, now(env));
  await forgetRevokedTokens(env.DB, now(env));
}
