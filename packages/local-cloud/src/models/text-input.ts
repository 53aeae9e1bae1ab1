import * as z from "zod";
import { AiError, invalidInput, notEmulatedByModels } from "./ai-error.ts";
import { parseInput } from "./parse-input.ts";
import type { ChatMessage, ResponseFormat, TextRequest } from "./text-model.ts";
import { ToolCallInput, ToolChoiceInput, ToolInput, toolsOf } from "./tool-input.ts";

const TextPart = z.object({ type: z.literal("text"), text: z.string() });

const Message = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(z.union([TextPart, z.object({ type: z.string() })])), z.null()]).optional(),
  tool_calls: z.array(ToolCallInput).nullish(),
  tool_call_id: z.string().nullish(),
});

const Format = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({ type: z.literal("json_schema"), json_schema: z.record(z.string(), z.unknown()).optional() }),
]);

const Tokens = z.int().min(1).max(1_000_000);

/** The inputs of a text model, of `env.AI.run` as well as of a chat completion. */
const TextInput = z.object({
  prompt: z.string().min(1).optional(),
  messages: z.array(Message).min(1).optional(),
  max_tokens: Tokens.nullish(),
  max_completion_tokens: Tokens.nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  stream: z.boolean().nullish(),
  response_format: Format.nullish(),
  tools: z.array(ToolInput).nullish(),
  tool_choice: ToolChoiceInput.nullish(),
  functions: z.array(z.unknown()).nullish(),
  n: z.int().min(1).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
  seed: z.int().nullish(),
  lora: z.string().nullish(),
});

/**
 * Reads the inputs of a text model.
 *
 * @param longest tokens of an answer where the inputs name none. @default 256
 * @throws {AiError} 5004 when they do not fit; 5005 for a LoRA; 7501 when they ask for images, sounds or several answers.
 */
export function textInput(model: string, inputs: unknown, longest = 256): { request: TextRequest; stream: boolean } {
  const input = parseInput(TextInput, inputs);
  if (input.functions?.length) throw notEmulatedByModels("`functions` (use `tools`)");
  if ((input.n ?? 1) > 1) throw notEmulatedByModels("more than one answer (`n`)");
  if (input.lora) throw new AiError(405, 5005, `The model ${model} does not support LoRa inference`);
  if (!input.messages && input.prompt === undefined) {
    throw invalidInput(
      "Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt', required properties at '/' are 'messages'",
    );
  }
  const format = formatOf(input.response_format);
  const stream = input.stream ?? false;
  if (stream && format.type !== "text") throw invalidInput("JSON mode does not support streaming");
  return {
    stream,
    request: {
      model,
      messages: input.messages?.map(messageOf) ?? [{ role: "user", content: input.prompt ?? "" }],
      maxTokens: input.max_completion_tokens ?? input.max_tokens ?? longest,
      ...(typeof input.temperature === "number" && { temperature: input.temperature }),
      format,
      ...toolsOf(input.tools, input.tool_choice),
      ...(input.stop && { stop: [input.stop].flat() }),
      ...(typeof input.seed === "number" && { seed: input.seed }),
    },
  };
}

function messageOf(message: z.infer<typeof Message>): ChatMessage {
  const { content } = message;
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  const texts = parts.map((part) => {
    if (!("text" in part)) throw notEmulatedByModels(`message content of type "${part.type}"`);
    return part.text;
  });
  return {
    role: message.role === "developer" ? "system" : message.role,
    content: texts.join("\n"),
    ...(message.tool_calls?.length && { toolCalls: message.tool_calls }),
    ...(message.tool_call_id && { toolCallId: message.tool_call_id }),
  };
}

/** Workers AI takes the schema itself, OpenAI's form wraps it as `{name, schema, strict}`. */
function formatOf(format: z.infer<typeof Format> | null | undefined): ResponseFormat {
  if (!format) return { type: "text" };
  if (format.type !== "json_schema") return format;
  if (!format.json_schema) throw invalidInput("Error: required properties at '/response_format' are 'json_schema'");
  const { schema: wrapped = format.json_schema } = format.json_schema;
  if (typeof wrapped !== "object" || wrapped === null || Array.isArray(wrapped))
    throw invalidInput("Error: '/response_format/json_schema/schema' must be an object");
  // An object has only text keys.
  return { type: "json_schema", schema: wrapped as Record<string, unknown> };
}
