import { notEmulatedByModels } from "./ai-error.ts";
import type { CatalogModel } from "./catalog.ts";
import { messagesDialect } from "./messages-dialect.ts";
import { chatDialect, nativeDialect } from "./model-answer.ts";
import type { CallFacts } from "./model-call.ts";
import { modelIn } from "./model-in.ts";
import { tokenCost, workersAiUsage } from "./model-price.ts";
import type { Models } from "./models.ts";
import type { RawAnswer } from "./raw-answer.ts";
import { responsesDialect } from "./responses-dialect.ts";
import { runEmbeddings, runOpenAiEmbeddings } from "./run-embeddings.ts";
import { runImage } from "./run-image.ts";
import { runText, type TextDialect } from "./text-dialect.ts";
import type { TextModel } from "./text-model.ts";

/** Runs a model as `env.AI.run` does. The answer is raw: JSON, or server-sent events. @throws {AiError} */
export async function runNative(
  models: Models,
  name: string,
  inputs: unknown,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const model = models.find(name);
  return models.around("workers-ai", name, signal, (text) => {
    switch (model.task) {
      case "Text Embeddings":
        return runEmbeddings(models.encoder, model, inputs, facts);
      case "Text Generation":
        return runOwnText(models, text, nativeDialect(model), model, inputs, facts, signal);
      case "Text-to-Image":
        return runImage(models.painter, model, inputs, facts);
      default:
        throw notEmulatedByModels(`model ${name} (${model.task})`);
    }
  });
}

/** Runs a model below `/ai/v1/`; the body names it. @throws {AiError} */
export async function runOpenAi(
  models: Models,
  endpoint: string,
  body: unknown,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const dialect = DIALECTS[endpoint];
  if (endpoint !== "embeddings" && dialect === undefined) throw notEmulatedByModels(`/ai/v1/${endpoint}`);
  const model = models.find(modelIn(body), dialect ? "Text Generation" : "Text Embeddings");
  return models.around("workers-ai", model.name, signal, (text) => {
    if (dialect) return runOwnText(models, text, dialect, model, body, facts, signal);
    return runOpenAiEmbeddings(models.encoder, model, body, (tokens) =>
      facts.onUsage?.(workersAiUsage(model.name, tokens, 0, tokenCost(model, tokens, 0))),
    );
  });
}

/** The text endpoints below `/ai/v1/`. */
const DIALECTS: Readonly<Record<string, TextDialect>> = {
  "chat/completions": chatDialect(),
  responses: responsesDialect,
  messages: messagesDialect,
};

async function runOwnText(
  models: Models,
  text: TextModel,
  dialect: TextDialect,
  model: CatalogModel,
  body: unknown,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const answer = await runText({
    text,
    dialect,
    model,
    body,
    facts,
    signal,
    report({ prompt_tokens, completion_tokens }) {
      const cost = tokenCost(model, prompt_tokens, completion_tokens);
      facts.onUsage?.(workersAiUsage(model.name, prompt_tokens, completion_tokens, cost));
    },
  });
  const headers = {
    ...answer.headers,
    // Says that no model answered.
    ...(models.standIn && { "x-stand-in": "1" }),
    // Or that another one did than was asked for.
    ...(models.localModel !== undefined && { "x-local-model": models.localModel }),
  };
  return { ...answer, headers };
}
