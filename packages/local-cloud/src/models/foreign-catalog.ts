import type { TokenPrices } from "./model-price.ts";

/** A model of another provider. Prices in US dollars for a million tokens. */
export interface ForeignModel extends TokenPrices {
  readonly provider: "openai" | "anthropic";
  readonly name: string;
  readonly task: "text" | "embeddings";
  /** The longest prompt, in tokens, that the prices are for. */
  readonly contextWindow: number;
  /** Numbers of an embedding; 0 for texts. */
  readonly dimensions: number;
}

const text = { task: "text", dimensions: 0 } as const;
const embeddings = { provider: "openai", task: "embeddings", outputPrice: null, contextWindow: 8191 } as const;

/**
 * The models of other providers that the local cloud answers for, at their list prices of November 2026.
 *
 * @see https://developers.openai.com/api/docs/pricing
 * @see https://docs.claude.com/en/docs/about-claude/pricing
 */
export const FOREIGN_MODELS: readonly ForeignModel[] = [
  { ...text, provider: "openai", name: "gpt-5-nano", inputPrice: 0.05, outputPrice: 0.4, contextWindow: 400_000 },
  { ...text, provider: "openai", name: "gpt-6-luna", inputPrice: 0.1, outputPrice: 0.5, contextWindow: 400_000 },
  { ...embeddings, name: "text-embedding-3-small", inputPrice: 0.02, dimensions: 1536 },
  { ...embeddings, name: "text-embedding-3-large", inputPrice: 0.13, dimensions: 3072 },
  { ...text, provider: "anthropic", name: "claude-haiku-4-5", inputPrice: 1, outputPrice: 5, contextWindow: 200_000 },
  // Longer prompts have another price.
  {
    ...text,
    provider: "anthropic",
    name: "claude-haiku-5-5",
    inputPrice: 0.1,
    outputPrice: 0.5,
    contextWindow: 100_000,
  },
];

/** The provider's model of this name, or undefined. */
export function findForeignModel(provider: string, name: string): ForeignModel | undefined {
  return FOREIGN_MODELS.find((model) => model.provider === provider && model.name === name);
}
