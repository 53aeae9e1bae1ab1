import { type AiClient, aiClient } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { type D1Ledger, d1Ledger } from "@tenner/worker-kit/ledger";
import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";
import type { JobRecord } from "../domain/job.ts";

/** The ledger's name of this template. */
const TEMPLATE = "event-agent";

/** The stack's ledger, with the ceilings of this moment. */
export function ledgerOf(env: Env, settings: Settings): D1Ledger {
  return d1Ledger({ database: env.LEDGER, budget: settings.budget, now: () => now(env) });
}

/** Asks models for one job: within the budget, through the stack's gateway. */
export function modelClient(env: Env, settings: Settings, job: Pick<JobRecord, "id" | "tenant">): AiClient {
  return aiClient({
    binding: env.AI,
    gateway: GatewaySettings.parse(env.AI_GATEWAY),
    ledger: ledgerOf(env, settings),
    models: settings.models,
    template: TEMPLATE,
    tenant: job.tenant,
    job: job.id,
    now: () => now(env),
  });
}

/** The longest that one attempt at a job can take, in ms: a question and its repair, each by all attempts of the route. */
export function longestAttemptMs(env: Env): number {
  const { models } = GatewaySettings.parse(env.AI_GATEWAY);
  return 2 * models.reduce((sum, { attempts, timeoutMs }) => sum + attempts * timeoutMs, 0);
}
