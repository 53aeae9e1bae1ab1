import type { NanoDollars } from "../ledger.ts";
import type { ImagePrice, TokenPrice } from "../model-prices.ts";

/** Tokens of one call. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const TOKENS_A_PRICE = 1_000_000n;

/** What so many tokens cost, rounded up to a whole nano-dollar. Exact: a token may cost a fraction of one. */
export function tokenCost(price: TokenPrice, usage: TokenUsage): NanoDollars {
  const long = price.longInput !== undefined && usage.inputTokens > price.longInput.above;
  const rates = long && price.longInput ? price.longInput : price;
  const total = BigInt(usage.inputTokens) * nano(rates.input) + BigInt(usage.outputTokens) * nano(rates.output);
  return Number((total + TOKENS_A_PRICE - 1n) / TOKENS_A_PRICE);
}

/** What a picture of `width` × `height` pixels costs that is made in so many steps. */
export function imageCost(price: ImagePrice, image: { width: number; height: number; steps: number }): NanoDollars {
  const tiles = Math.ceil(image.width / 512) * Math.ceil(image.height / 512);
  return Number(BigInt(tiles) * nano(price.tile) + BigInt(image.steps) * nano(price.step));
}

/**
 * The most that a call through the route can cost: every attempt of every model runs, reads the whole input and writes
 * to its limit.
 */
export function worstCaseOfRoute(
  models: readonly { readonly price: TokenPrice; readonly attempts: number }[],
  usage: TokenUsage,
): NanoDollars {
  return models.reduce((sum, model) => sum + model.attempts * tokenCost(model.price, usage), 0);
}

/** What a model adds to each message (roles, separators), and to the whole (its template). No model comes near. */
const TOKENS_A_MESSAGE = 16;
const TOKENS_A_CALL = 64;

/**
 * The most tokens that an input can be: a token is at least one byte of the text, as it stands or as the tokenizers
 * that normalise it see it.
 */
export function tokenBound(input: unknown, messages = 1): number {
  const text = JSON.stringify(input);
  const bytes = (each: string) => new TextEncoder().encode(each).length;
  return Math.max(bytes(text), bytes(text.normalize("NFKC"))) + messages * TOKENS_A_MESSAGE + TOKENS_A_CALL;
}

/** Nano-dollars of US dollars; the float is rounded away, prices have no more digits. */
function nano(usd: number): bigint {
  return BigInt(Math.round(usd * 1e9));
}
