import { forgetRevokedTokens } from "@tenner/worker-kit/access";
import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { keepLedger } from "@tenner/worker-kit/upkeep";
import { rollUp } from "./analytics/roll-up.ts";
import { forgetRaised } from "./cache/generations.ts";
import { sendDueDocuments } from "./documents/consume-documents.ts";
import { keepExperiments } from "./experiments/feedback.ts";
import { checkBackends } from "./proxy/check-backends.ts";
import { keepSemantic } from "./semantic/upkeep.ts";
import { ledgerOf } from "./upstream.ts";

/** No answer lives longer: 30 days, and one of being stale. */
const LONGEST_LIFE_MS = 31 * 86_400_000;

/** The cron: forgets purges that nothing is left of, gathers old counts, and keeps the ledger in order. */
export async function scheduled(env: Env): Promise<void> {
  const at = now(env);
  await forgetRaised(env.DB, at - LONGEST_LIFE_MS);
  await forgetRevokedTokens(env.DB, at);
  await sendDueDocuments(env, at);
  const settings = settingsOf(env);
  await keepExperiments(env.DB, at);
  await checkBackends(env, settings);
  await rollUp(env.DB, settings.analytics, at);
  await keepSemantic(env, settings, at);
  await keepLedger(ledgerOf(env, settings), at);
}
