import { type AiAnswer, type AiClient, AiError, aiClient } from "@tenner/worker-kit/ai";
import { tokenCost } from "@tenner/worker-kit/ai/cost";
import { now } from "@tenner/worker-kit/clock";
import { type D1Ledger, d1Ledger } from "@tenner/worker-kit/ledger";
import { PriceError, priceOf } from "@tenner/worker-kit/model-prices";
import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";

/** The ledger's name of this template. */
const TEMPLATE = "async-pipeline";
/** A model that takes longer to say one word is not there. */
const PROBE_MS = 20_000;

/** The stack's ledger, with the ceilings of this moment. */
export function ledgerOf(env: Env, settings: Settings): D1Ledger {
  return d1Ledger({ database: env.LEDGER, budget: settings.budget, now: () => now(env) });
}

/** Asks models for a tenant: within the budget, through the stack's gateway. */
export function modelClient(
  env: Env,
  settings: Settings,
  asker: { readonly tenant: string; readonly batchId?: string; readonly timeoutMs?: number },
): AiClient {
  return aiClient({
    binding: env.AI,
    gateway: GatewaySettings.parse(env.AI_GATEWAY),
    ledger: ledgerOf(env, settings),
    models: settings.models,
    template: TEMPLATE,
    tenant: asker.tenant,
    now: () => now(env),
    ...(asker.batchId !== undefined && { job: asker.batchId }),
    ...(asker.timeoutMs !== undefined && { timeoutMs: asker.timeoutMs }),
  });
}

/** Asks the models one word, to learn whether they are there. Null when they are. */
export async function probeModels(env: Env, settings: Settings, tenant: string): Promise<AiError | null> {
  try {
    await modelClient(env, settings, { tenant, timeoutMs: PROBE_MS }).text({
      system: "Answer with the one word: yes",
      // Another question each time: none of them is the repeat of a paid one.
      prompt: `Are you there? It is ${new Date(now(env)).toISOString()}.`,
      maxOutputTokens: 16,
    });
    return null;
  } catch (error) {
    if (!(error instanceof AiError)) throw error;
    // Whatever it said, somebody said it.
    return error.code === "invalid_answer" ? null : error;
  }
}

/**
 * What an answer cost, in nano-dollars, also when this is the repeat of a call that was paid before: the gateway's cache
 * then gave it for nothing.
 */
export function costOf(settings: Settings, answer: AiAnswer<unknown>): number {
  if (!answer.cached || answer.costNano > 0) return answer.costNano;
  return priced(settings, answer.model, answer.usage.inputTokens, answer.usage.outputTokens);
}

/** What so many input tokens cost with the model of an answer, in nano-dollars. */
export function costOfTokens(settings: Settings, answer: AiAnswer<unknown>, inputTokens: number): number {
  return priced(settings, answer.model, inputTokens, 0);
}

function priced(settings: Settings, model: string, inputTokens: number, outputTokens: number): number {
  try {
    const price = priceOf(model, settings.models.prices);
    return price.unit === "tokens" ? tokenCost(price, { inputTokens, outputTokens }) : 0;
  } catch (error) {
    // A model that answered without being on the route has no price; the ledger has counted the worst case.
    if (error instanceof PriceError) return 0;
    throw error;
  }
}
