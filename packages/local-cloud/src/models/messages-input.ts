import * as z from "zod";
import { notEmulatedByModels } from "./ai-error.ts";
import { parseInput } from "./parse-input.ts";
import { textInput } from "./text-input.ts";
import type { TextRequest } from "./text-model.ts";

const TextBlock = z.object({ type: z.literal("text"), text: z.string() });
const Block = z.union([
  TextBlock,
  z.object({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal("tool_result"),
    tool_use_id: z.string(),
    content: z.union([z.string(), z.array(TextBlock)]).optional(),
  }),
  z.object({ type: z.string() }),
]);

const MessagesInput = z.object({
  max_tokens: z.int().min(1),
  messages: z
    .array(z.object({ role: z.enum(["user", "assistant"]), content: z.union([z.string(), z.array(Block)]) }))
    .min(1),
  system: z.union([z.string(), z.array(TextBlock)]).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string().min(1)).nullish(),
  tools: z
    .array(
      z.object({
        name: z.string(),
        description: z.string().nullish(),
        input_schema: z.record(z.string(), z.unknown()).optional(),
        type: z.string().nullish(),
      }),
    )
    .nullish(),
  tool_choice: z
    .union([
      z.object({ type: z.enum(["auto", "any", "none"]) }),
      z.object({ type: z.literal("tool"), name: z.string() }),
    ])
    .nullish(),
});

/**
 * Reads a request of Anthropic's Messages API.
 *
 * @throws {AiError} 5004 when it does not fit; 7501 for images, documents and Anthropic's own tools.
 */
export function messagesInput(model: string, body: unknown): { request: TextRequest; stream: boolean } {
  const input = parseInput(MessagesInput, body);
  const own = input.tools?.find(({ type, input_schema }) => (type && type !== "custom") || !input_schema);
  if (own) throw notEmulatedByModels(`the tool "${own.type ?? own.name}" without an input_schema`);
  const { system, tool_choice: choice } = input;
  const chat = {
    messages: [
      ...(system ? [{ role: "system", content: system }] : []),
      ...input.messages.flatMap(({ role, content }) => messagesOf(role, content)),
    ],
    max_tokens: input.max_tokens,
    temperature: input.temperature,
    stream: input.stream,
    stop: input.stop_sequences?.length ? input.stop_sequences.slice(0, 4) : undefined,
    tools: input.tools?.map(({ name, description, input_schema }) => ({ name, description, parameters: input_schema })),
    tool_choice: choice && choiceOf(choice),
  };
  return textInput(model, chat);
}

function choiceOf(choice: NonNullable<z.infer<typeof MessagesInput>["tool_choice"]>) {
  if (choice.type === "tool") return { type: "function", function: { name: choice.name } };
  return choice.type === "any" ? "required" : choice.type;
}

/** One message may hold texts, calls of tools and their results: in a chat these are messages of their own. */
function messagesOf(role: "user" | "assistant", content: string | z.infer<typeof Block>[]): object[] {
  if (typeof content === "string") return [{ role, content }];
  const results: object[] = [];
  const calls: object[] = [];
  const others: object[] = [];
  for (const block of content) {
    if ("tool_use_id" in block)
      results.push({ role: "tool", tool_call_id: block.tool_use_id, content: block.content ?? "" });
    else if ("input" in block)
      calls.push({ id: block.id, function: { name: block.name, arguments: JSON.stringify(block.input) } });
    else others.push(block);
  }
  const said = others.length > 0 || calls.length > 0;
  return [...results, ...(said ? [{ role, content: others, ...(calls.length > 0 && { tool_calls: calls }) }] : [])];
}
