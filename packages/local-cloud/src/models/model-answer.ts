import { AiError, modelFailed } from "./ai-error.ts";
import type { CatalogModel } from "./catalog.ts";
import type { CallFacts } from "./model-call.ts";
import type { TextDialect } from "./text-dialect.ts";
import { textInput } from "./text-input.ts";
import type { TextAnswer, TextPart, TextRequest, ToolCall } from "./text-model.ts";

export type { CallFacts } from "./model-call.ts";

/** `env.AI.run` as this model has it at Cloudflare. */
export const nativeDialect = (model: CatalogModel): TextDialect => ({
  input: textInput,
  answer: (request, answer, facts) => nativeAnswer(model, request, answer, facts),
  stream: (request, parts, facts) => nativeStream(model, request, parts, facts),
});

/** OpenAI's chat completions. */
export const chatDialect: TextDialect = { input: textInput, answer: chatCompletion, stream: chatStream };

function nativeAnswer(model: CatalogModel, request: TextRequest, answer: TextAnswer, facts: CallFacts): unknown {
  if (model.answers === "openai") return chatCompletion(request, answer, facts);
  // In JSON mode Workers AI answers the object itself. What is not JSON stays text, as there.
  const response = request.format.type === "text" ? answer.text : parseOr(answer.text);
  const calls = answer.toolCalls ?? [];
  return {
    response: calls.length > 0 && answer.text === "" ? null : response,
    tool_calls: calls.map(nativeCall),
    usage: answer.usage,
  };
}

/** OpenAI's `chat.completion`. */
function chatCompletion(request: TextRequest, answer: TextAnswer, { id, now }: CallFacts): unknown {
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: Math.floor(now / 1000),
    model: request.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.toolCalls && answer.text === "" ? null : answer.text,
          refusal: null,
          ...(answer.toolCalls && { tool_calls: answer.toolCalls.map(chatCall) }),
        },
        logprobs: null,
        finish_reason: answer.finishReason,
      },
    ],
    usage: answer.usage,
  };
}

/** A stream of server-sent events in Workers AI's own shape. */
function nativeStream(model: CatalogModel, request: TextRequest, parts: AsyncIterable<TextPart>, facts: CallFacts) {
  if (model.answers === "openai") return chatStream(request, parts, facts);
  return events(parts, (part) => {
    if (part.type === "text") return [{ response: part.text }];
    if (part.type === "tool_call") return [{ response: "", tool_calls: [nativeCall(part.call)] }];
    return [{ response: "", tool_calls: [], usage: part.usage }];
  });
}

/** A call of a tool in Workers AI's form, whose arguments are an object. */
const nativeCall = ({ name, arguments: values }: ToolCall) => ({ name, arguments: parseOr(values) });

/** A call of a tool in OpenAI's form, whose arguments are text. */
const chatCall = ({ id, name, arguments: values }: ToolCall) => ({
  id,
  type: "function",
  function: { name, arguments: values },
});

/** A stream of OpenAI's `chat.completion.chunk`; usage stands in the last one. */
function chatStream(request: TextRequest, parts: AsyncIterable<TextPart>, { id, now }: CallFacts) {
  const chunk = (delta: object, finish: string | null, usage?: TextAnswer["usage"]) => ({
    id: `chatcmpl-${id}`,
    object: "chat.completion.chunk",
    created: Math.floor(now / 1000),
    model: request.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(usage && { usage }),
  });
  let first = true;
  let calls = 0;
  return events(parts, (part) => {
    const role = first ? { role: "assistant" } : {};
    first = false;
    if (part.type === "tool_call") {
      // As OpenAI does: first which tool, then its arguments.
      const index = calls++;
      const { function: asked, ...call } = chatCall(part.call);
      return [
        chunk({ ...role, tool_calls: [{ index, ...call, function: { ...asked, arguments: "" } }] }, null),
        chunk({ tool_calls: [{ index, function: { arguments: asked.arguments } }] }, null),
      ];
    }
    if (part.type === "end") return [chunk({}, part.finishReason), { ...chunk({}, null, part.usage), choices: [] }];
    return [chunk({ ...role, content: part.text }, null)];
  });
}

/** The first part is awaited before the answer begins, so that a model that fails at once gives an error status. */
async function events(parts: AsyncIterable<TextPart>, render: (part: TextPart) => unknown[]): Promise<Response> {
  const iterator = parts[Symbol.asyncIterator]();
  let next = await iterator.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) {
        controller.enqueue(encoder.encode("data: [DONE]\n\n"));
        controller.close();
        return;
      }
      for (const event of render(next.value)) controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
      try {
        next = await iterator.next();
      } catch (error) {
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-cache" } });
}

/** Any error as an AiError: what is none is the model's own failure. */
export function asAiError(error: unknown): AiError {
  if (error instanceof AiError) return error;
  return modelFailed(error instanceof Error ? error.message : String(error), { cause: error });
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
