import { invalidInput } from "./ai-error.ts";
import { type CallFacts, chatCompletion, chatStream, nativeAnswer, nativeStream } from "./model-answer.ts";
import type { Models } from "./models.ts";
import { textInput } from "./text-input.ts";

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
  if (stream) return marked(models, await nativeStream(model, request, models.stream(request, signal), facts));
  return marked(models, rawJson(nativeAnswer(model, request, await models.complete(request, signal), facts)));
}

/** Runs a model as an OpenAI-compatible chat completion; the body names it. @throws {AiError} */
export async function runChat(models: Models, body: unknown, facts: CallFacts, signal: AbortSignal): Promise<Response> {
  const name = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  if (typeof name !== "string") throw invalidInput("Error: required properties at '/' are 'model'");
  models.find(name);
  const { request, stream } = textInput(name, body);
  if (stream) return marked(models, await chatStream(request, models.stream(request, signal), facts));
  return marked(models, rawJson(chatCompletion(request, await models.complete(request, signal), facts)));
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
