import { type AiClient, aiClient } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";
import { ledgerOf } from "../upstream.ts";

/** A tenant's way to the models, for a document or a question: through the gateway, within the budget. */
export function documentAi(env: Env, settings: Settings, tenant: string, job?: string): AiClient {
  return aiClient({
    binding: env.AI,
    gateway: GatewaySettings.parse(env.AI_GATEWAY),
    ledger: ledgerOf(env, settings),
    models: settings.models,
    template: "edge-cache",
    tenant,
    ...(job !== undefined && { job }),
    now: () => now(env),
  });
}
