import { invalidInput, notEmulatedByModels } from "./ai-error.ts";
import { type ForeignModel, findForeignModel } from "./foreign-catalog.ts";
import { messagesDialect } from "./messages-dialect.ts";
import { chatDialect } from "./model-answer.ts";
import type { CallFacts } from "./model-call.ts";
import { modelIn } from "./model-in.ts";
import { tokenCost } from "./model-price.ts";
import type { Models } from "./models.ts";
import { asProviderError, missingKey, unknownForeignModel } from "./provider-error.ts";
import type { RawAnswer } from "./raw-answer.ts";
import { responsesDialect } from "./responses-dialect.ts";
import { runOpenAiEmbeddings } from "./run-embeddings.ts";
import { runText, type TextDialect } from "./text-dialect.ts";
import { countUsage } from "./text-model.ts";

/** Tokens of an answer where the request names none: these providers have no low default. */
const LONGEST = 4096;

const chat = bounded(chatDialect(LONGEST));
const PROVIDERS: Readonly<Record<ForeignModel["provider"], Readonly<Record<string, TextDialect | "embeddings">>>> = {
  openai: { "chat/completions": chat, responses: bounded(responsesDialect), embeddings: "embeddings" },
  anthropic: { messages: bounded(messagesDialect), "chat/completions": chat },
};

const isProvider = (name: string): name is ForeignModel["provider"] => Object.hasOwn(PROVIDERS, name);

/** One call of another provider's API. */
export interface ForeignCall {
  provider: string;
  /** With or without `v1/` before it. */
  endpoint: string;
  body: unknown;
  hasKey: boolean;
  facts: CallFacts;
  signal: AbortSignal;
}

/**
 * Answers for another provider, with the cloud's own models behind its API and its list prices.
 *
 * @throws {ProviderError} 401 without a key, 404 for an unknown model, and what goes wrong, in the provider's own shape.
 * @throws {AiError} 7501 for a provider or an endpoint that is not there.
 */
export async function runForeign(models: Models, call: ForeignCall): Promise<RawAnswer> {
  const { provider, endpoint, body, facts, signal } = call;
  if (!isProvider(provider)) throw notEmulatedByModels(`provider "${provider}"`);
  const dialect = PROVIDERS[provider][endpoint.replace(/^v1\//, "")];
  if (dialect === undefined) throw notEmulatedByModels(`endpoint "${endpoint}" of provider "${provider}"`);
  if (!call.hasKey) throw missingKey(provider);
  try {
    const name = modelIn(body);
    const model = findForeignModel(provider, name);
    if (model?.task !== (dialect === "embeddings" ? "embeddings" : "text")) throw unknownForeignModel(provider, name);
    return await models.around(provider, name, signal, async (text) => {
      const report = (input: number, output: number) =>
        facts.onUsage?.({
          model: name,
          provider,
          inputTokens: input,
          outputTokens: output,
          neurons: 0,
          cost: tokenCost(model, input, output),
        });
      if (dialect === "embeddings")
        return runOpenAiEmbeddings(models.encoder, model, body, (tokens) => report(tokens, 0));
      const answer = await runText({
        text,
        dialect,
        model,
        body,
        facts,
        signal,
        report: ({ prompt_tokens, completion_tokens }) => report(prompt_tokens, completion_tokens),
      });
      return { ...answer, headers: { ...answer.headers, "x-stand-in": "1" } };
    });
  } catch (error) {
    throw asProviderError(provider, error);
  }
}

/** Prompts that are longer than the model takes are refused: they would have no price. */
function bounded(dialect: TextDialect): TextDialect {
  return {
    ...dialect,
    input(name, body) {
      const read = dialect.input(name, body);
      const tokens = countUsage(read.request.messages, "").prompt_tokens;
      const model = findForeignModel("openai", name) ?? findForeignModel("anthropic", name);
      if (model && tokens > model.contextWindow)
        throw invalidInput(`the prompt has about ${tokens} tokens, ${name} takes ${model.contextWindow}`);
      return read;
    },
  };
}
