import * as z from "zod";
import { notEmulatedByModels } from "./ai-error.ts";
import { parseInput } from "./parse-input.ts";
import { textInput } from "./text-input.ts";
import type { TextRequest } from "./text-model.ts";

const Content = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]);

const Item = z.union([
  z.object({ type: z.literal("function_call"), call_id: z.string(), name: z.string(), arguments: z.string() }),
  z.object({ type: z.literal("function_call_output"), call_id: z.string(), output: Content }),
  z.object({
    type: z.literal("message").optional(),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content: Content,
  }),
  z.object({ type: z.literal("reasoning") }),
]);

const Tool = z.object({ type: z.string() }).loose();

const ResponsesInput = z.object({
  input: z.union([z.string().min(1), z.array(Item).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.unknown().optional(),
  stream: z.unknown().optional(),
  text: z.object({ format: z.object({ type: z.string() }).loose().nullish() }).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: z.union([z.string(), z.object({ type: z.literal("function"), name: z.string() })]).nullish(),
  previous_response_id: z.string().nullish(),
  background: z.boolean().nullish(),
});

/**
 * Reads a request of OpenAI's Responses API.
 *
 * @throws {AiError} 5004 when it does not fit; 7501 for what would have to be kept, and for OpenAI's own tools.
 */
export function responsesInput(
  model: string,
  body: unknown,
  longest?: number,
): { request: TextRequest; stream: boolean } {
  const input = parseInput(ResponsesInput, body);
  if (input.previous_response_id) throw notEmulatedByModels("`previous_response_id`: answers are not kept");
  if (input.background) throw notEmulatedByModels("`background`");
  const foreign = input.tools?.find(({ type }) => type !== "function");
  if (foreign) throw notEmulatedByModels(`the tool "${foreign.type}"`);
  const items = typeof input.input === "string" ? [{ role: "user" as const, content: input.input }] : input.input;
  const system = input.instructions ? [{ role: "system", content: input.instructions }] : [];
  const format = input.text?.format;
  const choice = input.tool_choice;
  const chat = {
    messages: [...system, ...items.flatMap(messageOf)],
    max_tokens: input.max_output_tokens,
    temperature: input.temperature,
    stream: input.stream,
    tools: input.tools?.map((tool) => ({ type: "function", function: tool })),
    tool_choice: typeof choice === "object" && choice ? { type: "function", function: { name: choice.name } } : choice,
    response_format: format?.type === "json_schema" ? { type: "json_schema", json_schema: format } : format,
  };
  return textInput(model, chat, longest);
}

/** An item as a message of a chat. */
function messageOf(item: z.infer<typeof Item>): object[] {
  if ("role" in item) return [{ role: item.role, content: contentOf(item.content) }];
  if (item.type === "reasoning") return [];
  if (item.type === "function_call_output")
    return [{ role: "tool", tool_call_id: item.call_id, content: contentOf(item.output) }];
  const { call_id, name, arguments: values } = item;
  return [{ role: "assistant", content: "", tool_calls: [{ id: call_id, function: { name, arguments: values } }] }];
}

/** Texts go by several names here: `input_text`, `output_text`. */
function contentOf(content: z.infer<typeof Content>): string | object[] {
  if (typeof content === "string") return content;
  return content.map((part) => (part.text === undefined ? part : { type: "text", text: part.text }));
}
