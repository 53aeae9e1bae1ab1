import * as z from "zod";

/** One message of a conversation. Content is text; images and sounds are not emulated. */
export interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  /** What an assistant asked of tools. */
  toolCalls?: ToolCall[];
  /** The call that a tool's message answers. */
  toolCallId?: string;
}

/** Something that a model may ask its caller to do. `parameters` is JSON Schema. */
export interface Tool {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

/** What a model asks of a tool. */
export interface ToolCall {
  id: string;
  name: string;
  /** JSON, or what the model took for it. */
  arguments: string;
}

/** `required`: some tool is to be called. `name`: this one. */
export type ToolChoice = "auto" | "none" | "required" | { name: string };

/** The form an answer must have. A `schema` is JSON Schema. */
export type ResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | { type: "json_schema"; schema: Record<string, unknown> };

/** What a text model is asked. */
export interface TextRequest {
  /** The catalog's name of the model. */
  model: string;
  messages: ChatMessage[];
  /** The longest answer, in tokens. */
  maxTokens: number;
  temperature?: number;
  format: ResponseFormat;
  tools?: Tool[];
  /** @default "auto" */
  toolChoice?: ToolChoice;
  /** The answer ends before the first of these. */
  stop?: string[];
  /** The same seed asks for the same answer. */
  seed?: number;
}

/** Tokens of one call. */
export const Usage = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
});
export type Usage = z.infer<typeof Usage>;

/** What a text model answers. In a JSON format `text` is JSON. */
export interface TextAnswer {
  text: string;
  /** Instead of text, or beside it. */
  toolCalls?: ToolCall[];
  finishReason: "stop" | "length" | "tool_calls";
  /** The sequence that stopped it, where that is known. */
  stopSequence?: string;
  usage: Usage;
}

/** A piece of a streamed answer; the last one carries usage and reason. */
export type TextPart =
  | { type: "text"; text: string }
  | { type: "tool_call"; call: ToolCall }
  | { type: "end"; finishReason: TextAnswer["finishReason"]; stopSequence?: string; usage: Usage };

/** Something that answers text with text: the stand-in, or a real model behind an OpenAI-compatible server. */
export interface TextModel {
  /** @throws {AiError} */
  complete(request: TextRequest, signal: AbortSignal): Promise<TextAnswer>;
  /** @throws {AiError} also in the middle. */
  stream(request: TextRequest, signal: AbortSignal): AsyncIterable<TextPart>;
}

/** Tokens of a text, counted as one for four UTF-8 bytes: the rule of thumb for English, never the model's own count. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** Usage of one call, counted from its texts. Every message costs four tokens more, as chat templates do. */
export function countUsage(messages: readonly ChatMessage[], answer: string): Usage {
  const prompt = messages.reduce((sum, message) => sum + countTokens(textOf(message)) + 4, 0);
  const completion = countTokens(answer);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

const textOf = ({ content, toolCalls = [] }: ChatMessage) => content + callsAsText(toolCalls);

/** What calls of tools count for. */
export function callsAsText(calls: readonly ToolCall[]): string {
  return calls.map((call) => `${call.name}(${call.arguments})`).join("");
}
