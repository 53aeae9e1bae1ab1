import { tokenPriceOf } from "@tenner/worker-kit/ai/call-context";
import { tokenBound, tokenCost } from "@tenner/worker-kit/ai/cost";
import type { OwnPrices } from "@tenner/worker-kit/model-prices";
import type { ChatRequest } from "../openai/chat-request.ts";
import { ROUTE } from "../upstream.ts";

/**
 * What answering a request costs at its worst, by target, in nano-dollars: as the ledger sees it, but for one attempt.
 * The route costs what its dearest model does. Nothing is measured before it is asked for.
 */
export function requestCost(
  request: ChatRequest,
  maxTokens: number,
  { route, prices }: { readonly route: readonly string[]; readonly prices: OwnPrices },
): (target: string) => number {
  let inputTokens: number | undefined;
  return (target) => {
    inputTokens ??= tokenBound(request, request.messages.length);
    const usage = { inputTokens, outputTokens: maxTokens };
    const models = target === ROUTE ? route : [target];
    return (request.n ?? 1) * Math.max(...models.map((model) => tokenCost(tokenPriceOf(model, prices), usage)));
  };
}
