/** A price for tokens: US dollars a million. */
export interface TokenPrice {
  readonly unit: "tokens";
  /** What the model does; undefined for a price that the settings bring. */
  readonly task: "text" | "embedding" | undefined;
  readonly input: number;
  readonly output: number;
  /** Other rates for the whole call when its input passes so many tokens. */
  readonly longInput?: { readonly above: number; readonly input: number; readonly output: number };
}

/** A price for pictures: US dollars for a tile of 512 × 512 pixels, and for a step. */
export interface ImagePrice {
  readonly unit: "images";
  readonly task: "image";
  readonly tile: number;
  readonly step: number;
}

export type ModelPrice = TokenPrice | ImagePrice;

/** Prices that a stack brings for models by name: US dollars for a million tokens. */
export type OwnPrices = Readonly<Record<string, { readonly input: number; readonly output: number }>>;

/** A model whose calls cannot be priced, so they are not made. */
export class PriceError extends Error {
  override readonly name = "PriceError";
  readonly model: string;

  constructor(model: string, message: string) {
    super(message);
    this.model = model;
  }
}

const text = (input: number, output: number): TokenPrice => ({ unit: "tokens", task: "text", input, output });
const embedding = (input: number): TokenPrice => ({ unit: "tokens", task: "embedding", input, output: 0 });

/** List prices, as their providers published them in this month. */
export const MODEL_PRICES: {
  readonly asOf: string;
  readonly sources: readonly string[];
  readonly models: Readonly<Record<string, ModelPrice>>;
} = {
  asOf: "2026-11",
  sources: [
    "https://developers.cloudflare.com/workers-ai/platform/pricing/",
    "https://platform.claude.com/docs/en/about-claude/pricing",
    "https://platform.openai.com/docs/pricing",
  ],
  models: {
    "@cf/meta/llama-3.1-8b-instruct-fast": text(0.045, 0.384),
    "@cf/meta/llama-3.1-8b-instruct-fp8-fast": text(0.045, 0.384),
    "@cf/meta/llama-3.1-8b-instruct-fp8": text(0.152, 0.287),
    "@cf/meta/llama-3.3-70b-instruct-fp8-fast": text(0.293, 2.253),
    "@cf/mistralai/mistral-small-3.1-24b-instruct": text(0.351, 0.555),
    "@cf/zai-org/glm-4.7-flash": text(0.06, 0.4),
    "@cf/google/gemma-4-26b-a4b-it": text(0.1, 0.3),
    "@cf/baai/bge-base-en-v1.5": embedding(0.067),
    "@cf/baai/bge-m3": embedding(0.0118),
    "@cf/black-forest-labs/flux-1-schnell": { unit: "images", task: "image", tile: 0.0000528, step: 0.0001056 },
    "anthropic/claude-haiku-4-5": text(1, 5),
    "anthropic/claude-haiku-5-5": { ...text(0.1, 0.5), longInput: { above: 100_000, input: 0.5, output: 2.5 } },
    "openai/gpt-5-nano": text(0.05, 0.4),
    "openai/gpt-6-luna": text(0.1, 0.5),
  },
};

/** The day on which Workers AI stopped to serve a model. @see https://developers.cloudflare.com/workers-ai/changelog/ */
const DEPRECATED: Readonly<Record<string, string>> = {
  "@cf/meta/llama-2-7b-chat-int8": "2026-05-30",
  "@cf/meta/llama-3-8b-instruct": "2026-05-30",
  "@cf/meta/llama-3.1-8b-instruct": "2026-05-30",
  "@cf/mistral/mistral-7b-instruct-v0.1": "2026-05-30",
  "@cf/mistral/mistral-7b-instruct-v0.2": "2026-05-30",
  "@cf/mistral/mistral-7b-instruct-v0.2-lora": "2026-05-30",
  "@cf/facebook/bart-large-cnn": "2026-05-30",
};

/** The day on which Workers AI switched a model off, e.g. `2026-05-30`; undefined of one that answers. */
export function retiredOn(model: string): string | undefined {
  const name = nameOf(model);
  return Object.hasOwn(DEPRECATED, name) ? DEPRECATED[name] : undefined;
}

/**
 * What a model's calls cost. The stack's own price comes before the list's.
 *
 * @param model a Workers AI id, with or without `workers-ai/` before it, or `provider/model`
 * @throws {PriceError} for a model without a price, and for one that is gone: nothing is ever free by oversight
 */
export function priceOf(model: string, own: OwnPrices = {}): ModelPrice {
  const name = nameOf(model);
  const gone = retiredOn(model);
  if (gone) throw new PriceError(model, `${model} was switched off on ${gone}; name another model`);
  const mine = [model, name].map((key) => (Object.hasOwn(own, key) ? own[key] : undefined)).find(Boolean);
  if (mine) return { unit: "tokens", task: undefined, ...mine };
  const listed = Object.hasOwn(MODEL_PRICES.models, name) ? MODEL_PRICES.models[name] : undefined;
  if (listed) return listed;
  throw new PriceError(
    model,
    `${model} has no price in the list of ${MODEL_PRICES.asOf}; name a listed model, ` +
      `or add its price: "prices": {"${model}": {"input": <USD per million tokens>, "output": <USD per million tokens>}}`,
  );
}

function nameOf(model: string): string {
  return model.replace(/^workers-ai\//, "");
}
