import * as z from "zod";
import { AiError } from "./ai-error.ts";
import { type CallContext, endFailed, openCall, startTime, tokenPriceOf } from "./call-context.ts";
import type { AiAnswer, CallOptions } from "./contract.ts";
import { tokenBound, tokenCost } from "./cost.ts";
import { oneAttempt } from "./embed.ts";
import { raced } from "./race.ts";

const Embeddings = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z
    .object({ prompt_tokens: z.int().min(0) })
    .optional()
    .catch(undefined),
});

/**
 * One vector a text, from the side of Workers AI that speaks OpenAI's language: it counts tokens, which the models' own
 * does not.
 *
 * @throws AiError; PriceError for a model without a price
 */
export async function relayEmbeddings(
  context: CallContext,
  model: string,
  limitMs: number,
  texts: readonly string[],
  options: Pick<CallOptions, "signal">,
): Promise<AiAnswer<number[][]>> {
  const price = tokenPriceOf(model, context.prices);
  const query = { model, input: texts };
  const time = startTime(limitMs, options);
  const worstCase = tokenCost(price, { inputTokens: tokenBound(query, texts.length), outputTokens: 0 });
  const { metered, headers } = await openCall(context, { options, query, worstCase, time });
  const startedAt = Date.now();
  try {
    const request = { provider: "workers-ai", endpoint: "v1/embeddings", headers: oneAttempt(headers), query };
    const response = await raced(context.send(request, time.signal), time.signal);
    const body = Embeddings.safeParse(await raced(response.json(), time.signal));
    if (!body.success || body.data.data.length !== texts.length) {
      throw new AiError("invalid_answer", `${model}: not one vector for each of ${texts.length} texts`, {
        retryable: true,
      });
    }
    const { data, usage } = body.data;
    const inputTokens = usage?.prompt_tokens ?? 0;
    const cost = usage ? tokenCost(price, { inputTokens, outputTokens: 0 }) : worstCase;
    return {
      value: data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding),
      model,
      fallback: false,
      standIn: response.headers.has("x-stand-in"),
      usage: { inputTokens, outputTokens: 0 },
      costNano: await metered.settle({ cost, model, inputTokens, outputTokens: 0, cached: false }),
      cached: false,
      logId: response.headers.get("cf-aig-log-id") ?? undefined,
    };
  } catch (cause) {
    const elapsedMs = Date.now() - startedAt;
    throw await endFailed(metered, { cause, model, time, options, elapsedMs, attemptMs: undefined });
  }
}
