import type { ChatRequest } from "../openai/chat-request.ts";
import type { Variant } from "./assign.ts";

/** The request as a variant asks it. What differs is part of the question's identity, so nothing is shared by mistake. */
export function applyVariant(request: ChatRequest, { temperature, system }: Variant): ChatRequest {
  return {
    ...request,
    ...(temperature !== undefined && { temperature }),
    ...(system !== undefined && { messages: [{ role: "system" as const, content: system }, ...request.messages] }),
  };
}
