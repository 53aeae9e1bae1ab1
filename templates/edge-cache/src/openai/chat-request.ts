import * as z from "zod";

/** More answers at once than anybody has asked for; each is a call of its own. */
const MOST_ANSWERS = 8;

const TextPart = z.looseObject({ type: z.literal("text"), text: z.string() });

const Message = z
  .looseObject({
    role: z.enum(["system", "developer", "user", "assistant", "tool"]),
    content: z
      .union([z.string(), z.array(TextPart)], {
        error: "a text, or a list of parts of the type `text`; pictures, sounds and files are not taken",
      })
      .nullish(),
  })
  // Only an assistant may have called tools instead of saying something.
  .refine(({ role, content }) => role === "assistant" || (content ?? undefined) !== undefined, {
    path: ["content"],
    error: "is missing: only messages of the role `assistant` may be without",
  });

const Tokens = z.int().min(1).nullish();

/**
 * A chat request in OpenAI's form. What it does not name is passed on as it is, and is part of the answer's identity.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export const ChatRequest = z
  .looseObject({
    model: z.string().min(1).max(200),
    messages: z.array(Message).min(1).max(2_000),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: Tokens,
    max_completion_tokens: Tokens,
    temperature: z.number().min(0).max(2).nullish(),
    n: z.int().min(1).max(MOST_ANSWERS).nullish(),
    tools: z.array(z.unknown()).nullish(),
    functions: z.undefined({ error: "`functions` is not supported: use `tools`" }).optional(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    seed: z.int().nullish(),
  })
  .meta({ id: "ChatRequest" });
export type ChatRequest = z.infer<typeof ChatRequest>;

/** Whether the model is asked for JSON, which Workers AI does not stream. */
export function wantsJson({ response_format }: ChatRequest): boolean {
  return response_format?.type === "json_object" || response_format?.type === "json_schema";
}
