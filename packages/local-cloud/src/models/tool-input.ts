import * as z from "zod";
import { invalidInput } from "./ai-error.ts";
import type { Tool, ToolCall, ToolChoice } from "./text-model.ts";

const Parameters = z.record(z.string(), z.unknown());
const Definition = z.object({
  name: z.string().min(1).max(64),
  description: z.string().nullish(),
  parameters: Parameters.nullish(),
});

/** A tool in Workers AI's form, `{name, description, parameters}`, or OpenAI's, which wraps it in `function`. */
export const ToolInput = z.union([
  z.object({ type: z.literal("function"), function: Definition }).transform((tool) => toolOf(tool.function)),
  Definition.transform(toolOf),
]);

export const ToolChoiceInput = z.union([
  z.enum(["auto", "none", "required"]),
  z
    .object({ type: z.literal("function"), function: z.object({ name: z.string() }) })
    .transform(({ function: { name } }) => ({ name })),
]);

/** A call in an assistant's message: OpenAI's form, or Workers AI's with its arguments as an object. */
export const ToolCallInput = z.union([
  z
    .object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) })
    .transform((call): ToolCall => ({ id: call.id, ...call.function })),
  z.object({ id: z.string().optional(), name: z.string(), arguments: z.union([z.string(), Parameters]) }).transform(
    ({ id = "", name, arguments: values }): ToolCall => ({
      id,
      name,
      arguments: typeof values === "string" ? values : JSON.stringify(values),
    }),
  ),
]);

function toolOf({ name, description, parameters }: z.infer<typeof Definition>): Tool {
  return { name, description: description ?? "", parameters: parameters ?? {} };
}

/** The tools of a request, as far as it has any. @throws {AiError} 5004 when the choice does not fit the tools. */
export function toolsOf(tools: readonly Tool[] | null | undefined, choice: ToolChoice | null | undefined) {
  const named = typeof choice === "object" ? choice?.name : undefined;
  if (named !== undefined && !tools?.some(({ name }) => name === named))
    throw invalidInput(`Error: 'tool_choice' names "${named}", which is not in 'tools'`);
  if (choice === "required" && !tools?.length)
    throw invalidInput("Error: 'tool_choice' is 'required', but there are no 'tools'");
  return { ...(tools?.length && { tools: [...tools] }), ...(choice && tools?.length && { toolChoice: choice }) };
}
