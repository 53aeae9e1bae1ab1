/** A model of Workers AI. Prices in US dollars: for a million tokens, for a tile of 512 × 512 pixels, for a step. */
export interface CatalogModel {
  readonly name: string;
  readonly task: "Text Generation" | "Text Embeddings" | "Text-to-Image" | "Summarization";
  readonly description: string;
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
  readonly tilePrice?: number;
  readonly stepPrice?: number;
  /** Tokens of context. */
  readonly contextWindow: number | null;
  /** Numbers of an embedding; 0 for other tasks. */
  readonly dimensions: number;
  /** The day it was switched off, or null. */
  readonly deprecated: string | null;
  /** `response`: Workers AI's own shape. `openai`: newer models answer as a chat completion. */
  readonly answers: "response" | "openai";
}

const text = {
  task: "Text Generation",
  deprecated: null,
  answers: "response",
  contextWindow: 8192,
  dimensions: 0,
} as const;
const gone = { ...text, deprecated: "2026-05-30", inputPrice: null, outputPrice: null } as const;

/**
 * The models the local cloud knows, November 2026.
 *
 * @see https://developers.cloudflare.com/workers-ai/models/
 */
export const CATALOG: readonly CatalogModel[] = [
  {
    ...text,
    name: "@cf/meta/llama-3.1-8b-instruct-fast",
    description: "Llama 3.1 8B, quantized for speed.",
    inputPrice: 0.045,
    outputPrice: 0.384,
    contextWindow: 128_000,
  },
  {
    ...text,
    name: "@cf/meta/llama-3.1-8b-instruct-fp8-fast",
    description: "Llama 3.1 8B in fp8, for speed.",
    inputPrice: 0.045,
    outputPrice: 0.384,
    contextWindow: 32_000,
  },
  {
    ...text,
    name: "@cf/meta/llama-3.1-8b-instruct-fp8",
    description: "Llama 3.1 8B quantized to fp8.",
    inputPrice: 0.152,
    outputPrice: 0.287,
    contextWindow: 32_000,
  },
  {
    ...text,
    name: "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    description: "Llama 3.3 70B quantized to fp8, for speed.",
    inputPrice: 0.293,
    outputPrice: 2.253,
    contextWindow: 24_000,
  },
  {
    ...text,
    name: "@cf/mistralai/mistral-small-3.1-24b-instruct",
    description: "Mistral Small 3.1 24B.",
    inputPrice: 0.351,
    outputPrice: 0.555,
    contextWindow: 128_000,
  },
  {
    ...text,
    name: "@cf/zai-org/glm-4.7-flash",
    description: "GLM 4.7 Flash, a fast multilingual model.",
    inputPrice: 0.06,
    outputPrice: 0.4,
    contextWindow: 131_072,
    answers: "openai",
  },
  {
    ...text,
    name: "@cf/google/gemma-4-26b-a4b-it",
    description: "Gemma 4 26B with 4B active.",
    inputPrice: 0.1,
    outputPrice: 0.3,
    contextWindow: 256_000,
    answers: "openai",
  },
  {
    name: "@cf/baai/bge-base-en-v1.5",
    task: "Text Embeddings",
    description: "BGE base, 768 numbers.",
    dimensions: 768,
    inputPrice: 0.067,
    outputPrice: null,
    contextWindow: 512,
    deprecated: null,
    answers: "response",
  },
  {
    name: "@cf/baai/bge-m3",
    task: "Text Embeddings",
    description: "BGE M3, 1024 numbers, many languages.",
    dimensions: 1024,
    inputPrice: 0.0118,
    outputPrice: null,
    contextWindow: 60_000,
    deprecated: null,
    answers: "response",
  },
  {
    name: "@cf/black-forest-labs/flux-1-schnell",
    task: "Text-to-Image",
    description: "Flux 1 schnell, 12B.",
    dimensions: 0,
    tilePrice: 0.0000528,
    stepPrice: 0.0001056,
    inputPrice: null,
    outputPrice: null,
    contextWindow: null,
    deprecated: null,
    answers: "response",
  },
  { ...gone, name: "@cf/meta/llama-2-7b-chat-int8", description: "Llama 2 7B." },
  { ...gone, name: "@cf/meta/llama-3-8b-instruct", description: "Llama 3 8B." },
  { ...gone, name: "@cf/meta/llama-3.1-8b-instruct", description: "Llama 3.1 8B." },
  { ...gone, name: "@cf/mistral/mistral-7b-instruct-v0.1", description: "Mistral 7B v0.1." },
  { ...gone, name: "@cf/mistral/mistral-7b-instruct-v0.2-lora", description: "Mistral 7B v0.2." },
  { ...gone, name: "@cf/facebook/bart-large-cnn", description: "BART, summaries.", task: "Summarization" },
];

/** The model of this name, or undefined. Old names with `@hf/` are other models. */
export function findModel(name: string): CatalogModel | undefined {
  return CATALOG.find((model) => model.name === name);
}
