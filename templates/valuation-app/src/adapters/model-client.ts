import { type AiClient, type AiClientOptions, aiClient } from "@tenner/worker-kit/ai";
import { now } from "@tenner/worker-kit/clock";
import { type D1Ledger, d1Ledger } from "@tenner/worker-kit/ledger";
import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";
import type { TraceRecorder } from "../trace-recorder.ts";
import { traced } from "./traced-model-calls.ts";

/** The ledger's name of this template. */
const TEMPLATE = "valuation-app";
/** Answers are shared by everybody who describes the same thing, so no single visitor's budget pays for them. */
const TENANT = "visitors";

/** The stack's ledger, with the ceilings of this moment. */
export function ledgerOf(env: Env, settings: Settings): D1Ledger {
  return d1Ledger({ database: env.LEDGER, budget: settings.budget, now: () => now(env) });
}

/** Who pays for what nobody waits for: no tenant, whose names have no colon. */
const BACKGROUND = "valuation-app:background";

/** Asks models about one thing again, within the part of the budget that the settings give to that. */
export function backgroundClient(env: Env, settings: Settings, fingerprint: string): AiClient {
  const { budget, valuation } = settings;
  const share = budget.monthlyUsd * valuation.reappraisal.budgetShare;
  const limited = { ...settings, budget: { ...budget, tenantsUsd: { ...budget.tenantsUsd, [BACKGROUND]: share } } };
  return clientOf(env, limited, fingerprint, BACKGROUND);
}

/**
 * Asks models about one thing: within the budget, through the stack's gateway, for as long as somebody waits.
 *
 * @param kind what the trace calls it
 */
export function modelClient(
  env: Env,
  settings: Settings,
  fingerprint: string,
  { trace, kind }: { readonly trace: TraceRecorder; readonly kind: "text" | "picture" },
): AiClient {
  return clientOf(env, settings, fingerprint, TENANT, (calls) => traced(calls, trace, kind));
}

type Calls = Pick<AiClientOptions, "binding" | "ledger">;

function clientOf(
  env: Env,
  settings: Settings,
  fingerprint: string,
  tenant: string,
  wrap: (calls: Calls) => Calls = (calls) => calls,
): AiClient {
  return aiClient({
    ...wrap({ binding: env.AI, ledger: ledgerOf(env, settings) }),
    gateway: GatewaySettings.parse(env.AI_GATEWAY),
    models: settings.models,
    template: TEMPLATE,
    tenant,
    job: fingerprint,
    timeoutMs: settings.valuation.patienceMs,
    now: () => now(env),
  });
}
