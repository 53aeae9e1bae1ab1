import { AiError, modelFailed } from "./ai-error.ts";
import type { CatalogModel } from "./catalog.ts";
import { dataEvent, eventStream } from "./event-stream.ts";
import type { CallFacts } from "./model-call.ts";
import type { RawAnswer } from "./raw-answer.ts";
import type { TextDialect } from "./text-dialect.ts";
import { textInput } from "./text-input.ts";
import type { TextAnswer, TextPart, TextRequest, ToolCall } from "./text-model.ts";

export type { CallFacts } from "./model-call.ts";

/** `env.AI.run` as this model has it at Cloudflare. */
export const nativeDialect = (model: CatalogModel): TextDialect => ({
  input: (name, inputs) => textInput(name, inputs),
  answer: (request, answer, facts) => nativeAnswer(model, request, answer, facts),
  stream: (request, parts, facts) => nativeStream(model, request, parts, facts),
});

/** OpenAI's chat completions. @param longest tokens of an answer where the request names none: at Workers AI, 256 */
export const chatDialect = (longest?: number): TextDialect => ({
  input: (model, body) => textInput(model, body, longest),
  answer: chatCompletion,
  stream: chatStream,
});

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

const DONE = "data: [DONE]\n\n";

/** Unnamed events, ended as OpenAI's streams are. */
function events(parts: AsyncIterable<TextPart>, render: (part: TextPart) => unknown[]): Promise<RawAnswer> {
  return eventStream({ parts, render: (part) => render(part).map(dataEvent), end: DONE });
}

/** Any error as an AiError: what is none is the model's own failure. */
export function asAiError(error: unknown): AiError {
  if (error instanceof AiError) return error;
  return modelFailed(error instanceof Error ? error.message : String(error), { cause: error });
}

/** The value of JSON; what is none, as it is. */
export function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
