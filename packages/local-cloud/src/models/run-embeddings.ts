import * as z from "zod";
import { invalidInput, notEmulatedByModels } from "./ai-error.ts";
import type { CatalogModel } from "./catalog.ts";
import type { CallFacts } from "./model-call.ts";
import { tokenCost, workersAiUsage } from "./model-price.ts";
import { parseInput } from "./parse-input.ts";
import { type RawAnswer, rawJson } from "./raw-answer.ts";
import { ENCODER_NAME, resized, type SentenceEncoder } from "./sentence-encoder.ts";
import { countTokens } from "./text-model.ts";

/** Texts of one call. @see https://developers.cloudflare.com/workers-ai/models/bge-base-en-v1.5/ */
const MOST_TEXTS = 100;

const Text = z.string().min(1);
const NativeInput = z.object({
  text: z.union([Text, z.array(Text).min(1).max(MOST_TEXTS)]),
  pooling: z.enum(["mean", "cls"]).optional(),
});

const OpenAiInput = z.object({
  input: z.union([Text, z.array(Text).min(1).max(MOST_TEXTS)]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().min(1).nullish(),
});

/** Texts as vectors, and the tokens that they were. */
interface Embedded {
  vectors: Float32Array[];
  tokens: number;
}

/** Runs an embedding model as `env.AI.run` does. @throws {AiError} 5004 */
export async function runEmbeddings(encoder: SentenceEncoder, model: CatalogModel, inputs: unknown, facts: CallFacts) {
  if (typeof inputs === "object" && inputs !== null && "contexts" in inputs && !("text" in inputs))
    throw notEmulatedByModels(`${model.name} with \`contexts\` (scores in place of embeddings)`);
  const { text, pooling } = parseInput(NativeInput, inputs);
  const { vectors, tokens } = await embed(encoder, model, [text].flat(), model.dimensions);
  facts.onUsage?.(workersAiUsage(model.name, tokens, 0, tokenCost(model, tokens, 0)));
  const data = vectors.map((vector) => Array.from(vector));
  return marked({ shape: [data.length, model.dimensions], data, ...(pooling && { pooling }) });
}

/**
 * Runs an embedding model as OpenAI's `embeddings` endpoint does. `base64` is what OpenAI's own client asks for.
 *
 * @throws {AiError} 5004
 */
export async function runOpenAiEmbeddings(
  encoder: SentenceEncoder,
  model: Pick<CatalogModel, "name" | "dimensions" | "contextWindow">,
  body: unknown,
  report: (tokens: number) => void,
): Promise<RawAnswer> {
  const { input, encoding_format, dimensions } = parseInput(OpenAiInput, body);
  const size = dimensions ?? model.dimensions;
  if (size > model.dimensions)
    throw invalidInput(`Error: '/dimensions' is ${size}, the model has ${model.dimensions} numbers`);
  const { vectors, tokens } = await embed(encoder, model, [input].flat(), size);
  report(tokens);
  return marked({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector),
    })),
    model: model.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** As the models do, only a text's beginning is read when it is longer than their context. */
async function embed(
  encoder: SentenceEncoder,
  model: Pick<CatalogModel, "contextWindow">,
  texts: readonly string[],
  size: number,
): Promise<Embedded> {
  const bytes = (model.contextWindow ?? 512) * 4;
  const read = texts.map((text) =>
    Buffer.byteLength(text) <= bytes ? text : Buffer.from(text).toString("utf8", 0, bytes),
  );
  const vectors = await encoder.embed(read);
  return {
    vectors: vectors.map((vector) => resized(vector, size)),
    tokens: read.reduce((sum, text) => sum + countTokens(text), 0),
  };
}

/** Says in a header which model it really was. */
const marked = (value: unknown): RawAnswer => rawJson(value, { "x-stand-in": ENCODER_NAME });
