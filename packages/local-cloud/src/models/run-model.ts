import { invalidInput } from "./ai-error.ts";
import type { CatalogModel } from "./catalog.ts";
import { measured } from "./measured.ts";
import { chatCompletion, chatStream, nativeAnswer, nativeStream } from "./model-answer.ts";
import type { CallFacts } from "./model-call.ts";
import { tokenCost, workersAiUsage } from "./model-price.ts";
import type { Models } from "./models.ts";
import { textInput } from "./text-input.ts";
import type { TextAnswer, TextModel, TextRequest, Usage } from "./text-model.ts";

/** Runs a model as `env.AI.run` does. The answer is raw: JSON, or server-sent events. @throws {AiError} */
export async function runNative(
  models: Models,
  name: string,
  inputs: unknown,
  facts: CallFacts,
  signal: AbortSignal,
): Promise<Response> {
  const model = models.find(name);
  const { request, stream } = textInput(name, inputs);
  const text = metered(models, model, facts);
  if (stream) return marked(models, await nativeStream(model, request, text.stream(request, signal), facts));
  return marked(models, rawJson(nativeAnswer(model, request, await text.complete(request, signal), facts)));
}

/** Runs a model as an OpenAI-compatible chat completion; the body names it. @throws {AiError} */
export async function runChat(models: Models, body: unknown, facts: CallFacts, signal: AbortSignal): Promise<Response> {
  const name = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  if (typeof name !== "string") throw invalidInput("Error: required properties at '/' are 'model'");
  const text = metered(models, models.find(name), facts);
  const { request, stream } = textInput(name, body);
  if (stream) return marked(models, await chatStream(request, text.stream(request, signal), facts));
  return marked(models, rawJson(chatCompletion(request, await text.complete(request, signal), facts)));
}

/** The models, with the usage of every answer told to the call. */
function metered(models: TextModel, model: CatalogModel, facts: CallFacts): TextModel {
  const report = ({ prompt_tokens, completion_tokens }: Usage) => {
    const cost = tokenCost(model, prompt_tokens, completion_tokens);
    facts.onUsage?.(workersAiUsage(model.name, prompt_tokens, completion_tokens, cost));
  };
  return {
    async complete(request: TextRequest, signal: AbortSignal): Promise<TextAnswer> {
      const answer = await models.complete(request, signal);
      report(answer.usage);
      return answer;
    },
    stream: (request, signal) => measured(models.stream(request, signal), request, signal, report),
  };
}

/** workerd's `ai-api` takes an answer for JSON only when the content type is exactly this, without a charset. */
export function rawJson(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

/** Says in a header that no model answered. */
function marked(models: Models, response: Response): Response {
  if (models.standIn) response.headers.set("x-stand-in", "1");
  return response;
}
