import type { ModelUsage } from "./model-call.ts";

/** US dollars for one neuron, Workers AI's unit. @see https://developers.cloudflare.com/workers-ai/platform/pricing/ */
const NEURON_PRICE = 0.000011;

/** US dollars for a million tokens. Null: that direction is free. */
export interface TokenPrices {
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

/** US dollars for these tokens. */
export function tokenCost({ inputPrice, outputPrice }: TokenPrices, input: number, output: number): number {
  return (input * (inputPrice ?? 0) + output * (outputPrice ?? 0)) / 1_000_000;
}

/** What a call of a Workers AI model used. `cost` in US dollars. */
export function workersAiUsage(model: string, inputTokens: number, outputTokens: number, cost: number): ModelUsage {
  return { model, provider: "workers-ai", inputTokens, outputTokens, neurons: cost / NEURON_PRICE, cost };
}
