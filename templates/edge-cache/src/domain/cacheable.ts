import type { ChatCompletion } from "@tenner/worker-kit/ai/relay";
import type { ChatRequest } from "../openai/chat-request.ts";
import { type PolicyReason, whyNotKept } from "./policy.ts";

/** Why a request goes past the cache. */
export type BypassReason = "no-store" | "temperature" | "tools" | PolicyReason;

/**
 * Why a request may not be answered from the cache, nor its answer be kept; null when it may.
 *
 * A model that may call tools is asked anew each time: what it asks of them can have effects, and depends on the world.
 * What the policy excludes is kept in no way, exact or alike.
 */
export function whyBypassed(
  request: Pick<ChatRequest, "temperature" | "tools" | "messages">,
  wish: { readonly noStore: boolean },
  limits: { readonly maxTemperature: number; readonly keepCreative: boolean },
): BypassReason | null {
  if (wish.noStore) return "no-store";
  if (request.tools?.length) return "tools";
  if ((request.temperature ?? 0) > limits.maxTemperature) return "temperature";
  return whyNotKept(request.messages, limits);
}

/** Whether an answer may be kept: whole, and from the model that was asked for, not from a fallback. */
export function mayBeKept(answer: { readonly completion: ChatCompletion; readonly fallback: boolean }): boolean {
  const whole = answer.completion.choices.every(
    ({ finish_reason, message }) =>
      (finish_reason === "stop" || finish_reason === "length") && !message.refusal && message.content,
  );
  return whole && answer.completion.choices.length > 0 && !answer.fallback;
}
