import * as z from "zod";
import { type AiError, invalidInput, modelFailed, modelTimeout, outOfCapacity } from "./ai-error.ts";
import { jsonPoster, type PostedAnswer } from "./post-json.ts";
import {
  type ChatMessage,
  callsAsText,
  countUsage,
  type TextAnswer,
  type TextModel,
  type TextPart,
  type TextRequest,
  type ToolCall,
  Usage,
} from "./text-model.ts";

const FinishReason = z.string().nullish();

/** In a stream the first piece of a call names it, the others continue its arguments. */
const CallPiece = z.object({
  index: z.int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }),
});
const Message = z.object({ content: z.string().nullish(), tool_calls: z.array(CallPiece).nullish() });

const Completion = z.object({
  choices: z.array(z.object({ message: Message, finish_reason: FinishReason })).min(1),
  usage: Usage.nullish(),
});

const Chunk = z.object({
  choices: z.array(z.object({ delta: Message.nullish(), finish_reason: FinishReason })),
  usage: Usage.nullish(),
});

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Where real answers come from. `timeout` in ms, until the answer is complete. */
export interface UpstreamOptions {
  url: string;
  timeout: number;
}

/** A text model behind any OpenAI-compatible server (Ollama, llama.cpp, vLLM…), under the name Cloudflare gives it. */
export function upstreamText({ url, timeout }: UpstreamOptions): TextModel {
  const base = url.replace(/\/+$/, "");
  const endpoint = `${base}/chat/completions`;
  const post = jsonPoster(endpoint);
  const names = new Map<string, string>();

  /** The server's own name for the model: the same, or the first it has, since a local server has few. */
  async function nameOf(model: string, signal: AbortSignal): Promise<string> {
    const known = names.get(model);
    if (known !== undefined) return known;
    const response = await fetch(`${base}/models`, { signal }).catch(() => undefined);
    const parsed = ModelList.safeParse(await response?.json().catch(() => undefined));
    const offered = parsed.data?.data.map(({ id }) => id) ?? [];
    const name = offered.includes(model) ? model : (offered[0] ?? model);
    if (offered.length > 0) names.set(model, name);
    return name;
  }

  async function ask(request: TextRequest, stream: boolean, signal: AbortSignal): Promise<PostedAnswer> {
    const model = await nameOf(request.model, signal);
    const body = JSON.stringify({ ...bodyOf(request, stream), model });
    const response = await post(body, { signal, timeout }).catch((cause: unknown) => {
      throw translate(cause, request.model, `no connection to ${endpoint}`);
    });
    if (response.status >= 200 && response.status < 300) return response;
    const said = (await response.text().catch(() => "")).slice(0, 500);
    if (response.status === 429) throw outOfCapacity(request.model);
    if (response.status === 408 || response.status === 504) throw modelTimeout(request.model);
    if (response.status === 400 || response.status === 422)
      throw invalidInput(`the upstream server refused it: ${said}`);
    throw modelFailed(`the upstream server answered ${response.status}: ${said}`);
  }

  return {
    async complete(request, signal): Promise<TextAnswer> {
      const response = await ask(request, false, signal);
      const body = await bodyIn(response).catch((cause: unknown) => {
        throw translate(cause, request.model, "the upstream server's answer is not JSON");
      });
      const parsed = Completion.safeParse(body);
      if (!parsed.success)
        throw modelFailed("the upstream server's answer is not a chat completion", { cause: parsed.error });
      const choice = parsed.data.choices[0];
      const text = choice?.message.content ?? "";
      const calls = callsIn(choice?.message.tool_calls ?? []);
      return {
        text,
        ...(calls.length > 0 && { toolCalls: calls }),
        finishReason: reasonOf(choice?.finish_reason, calls),
        usage: parsed.data.usage ?? countUsage(request.messages, text + callsAsText(calls)),
      };
    },

    async *stream(request, signal): AsyncIterable<TextPart> {
      const response = await ask(request, true, signal);
      let text = "";
      let usage: Usage | undefined;
      let reason: string | null | undefined;
      const pieces: z.infer<typeof CallPiece>[] = [];
      try {
        for await (const data of serverSentData(response)) {
          if (data === "[DONE]") break;
          const chunk = Chunk.parse(JSON.parse(data));
          usage = chunk.usage ?? usage;
          const choice = chunk.choices[0];
          reason = choice?.finish_reason ?? reason;
          pieces.push(...(choice?.delta?.tool_calls ?? []));
          const piece = choice?.delta?.content;
          if (!piece) continue;
          text += piece;
          yield { type: "text", text: piece };
        }
      } catch (cause) {
        throw translate(cause, request.model, "the upstream server's stream broke");
      }
      const calls = callsIn(pieces);
      for (const call of calls) yield { type: "tool_call", call };
      usage ??= countUsage(request.messages, text + callsAsText(calls));
      yield { type: "end", finishReason: reasonOf(reason, calls), usage };
    },
  };
}

/** Whole calls from their pieces. Without an index a piece with a name begins a call. */
function callsIn(pieces: readonly z.infer<typeof CallPiece>[]): ToolCall[] {
  const calls = new Map<number, ToolCall>();
  for (const { index, id, function: asked } of pieces) {
    const at = index ?? (asked.name ? calls.size : calls.size - 1);
    const call = calls.get(at) ?? { id: id ?? `call_${at}`, name: "", arguments: "" };
    if (asked.name) call.name = asked.name;
    call.arguments += asked.arguments ?? "";
    calls.set(at, call);
  }
  return [...calls.values()].filter(({ name }) => name !== "");
}

function reasonOf(said: string | null | undefined, calls: readonly ToolCall[]): TextAnswer["finishReason"] {
  if (said === "length") return "length";
  return calls.length > 0 ? "tool_calls" : "stop";
}

function messageOf({ role, content, toolCalls, toolCallId }: ChatMessage) {
  return {
    role,
    content,
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, arguments: values }) => ({
        id,
        type: "function",
        function: { name, arguments: values },
      })),
    }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  };
}

function bodyOf(request: TextRequest, stream: boolean) {
  const { messages, maxTokens, temperature, format, tools, toolChoice, stop, seed } = request;
  return {
    messages: messages.map(messageOf),
    ...(tools && { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
    ...(toolChoice && {
      tool_choice: typeof toolChoice === "string" ? toolChoice : { type: "function", function: toolChoice },
    }),
    ...(stop && { stop }),
    ...(seed !== undefined && { seed }),
    max_tokens: maxTokens,
    ...(temperature !== undefined && { temperature }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
    ...(format.type === "json_object" && { response_format: format }),
    ...(format.type === "json_schema" && {
      response_format: { type: "json_schema", json_schema: { name: "answer", schema: format.schema, strict: true } },
    }),
  };
}

async function bodyIn(response: PostedAnswer): Promise<unknown> {
  return JSON.parse(await response.text());
}

async function* serverSentData(response: PostedAnswer): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of response.pieces()) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}

function translate(cause: unknown, model: string, otherwise: string): AiError {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "TimeoutError" || name === "AbortError") return modelTimeout(model);
  return modelFailed(otherwise, { cause });
}
