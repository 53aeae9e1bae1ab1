import * as z from "zod";
import { AiError } from "./ai-error.ts";
import { type CallContext, endFailed, openCall, startTime, tokenPriceOf } from "./call-context.ts";
import { usageOf } from "./chat.ts";
import type { AiAnswer, CallOptions } from "./contract.ts";
import { tokenBound, tokenCost } from "./cost.ts";
import { raced } from "./race.ts";

/** How many texts one call of an embedding model takes. @see https://developers.cloudflare.com/workers-ai/models/bge-base-en-v1.5/ */
export const TEXTS_A_CALL = 100;

const Embeddings = z.object({ data: z.array(z.array(z.number())), usage: z.unknown().optional() });

/** One vector a text, in their order. @throws AiError; PriceError for a model without a price */
export async function askEmbeddings(
  context: CallContext,
  model: string,
  limitMs: number,
  texts: readonly string[],
  options: CallOptions,
): Promise<AiAnswer<number[][]>> {
  const whole = { value: [] as number[][], inputTokens: 0, costNano: 0, standIn: false, cached: texts.length > 0 };
  let logId: string | undefined;
  for (let start = 0; start < texts.length; start += TEXTS_A_CALL) {
    const batch = texts.slice(start, start + TEXTS_A_CALL);
    const ownId = options.callId !== undefined && { callId: `${options.callId}:${start / TEXTS_A_CALL}` };
    const answer = await askBatch(context, model, limitMs, batch, { ...options, ...ownId });
    whole.value.push(...answer.value);
    whole.inputTokens += answer.usage.inputTokens;
    whole.costNano += answer.costNano;
    whole.standIn ||= answer.standIn;
    whole.cached &&= answer.cached;
    logId = answer.logId;
  }
  const { inputTokens, ...rest } = whole;
  return { ...rest, model, fallback: false, usage: { inputTokens, outputTokens: 0 }, logId };
}

async function askBatch(
  context: CallContext,
  model: string,
  limitMs: number,
  texts: readonly string[],
  options: CallOptions,
): Promise<AiAnswer<number[][]>> {
  const price = tokenPriceOf(model, context.prices);
  const query = { text: texts };
  const time = startTime(limitMs, options);
  const worstCase = tokenCost(price, { inputTokens: tokenBound(query, texts.length), outputTokens: 0 });
  const { metered, headers } = await openCall(context, { options, query: { model, ...query }, worstCase, time });
  const startedAt = Date.now();
  try {
    const request = { provider: "workers-ai", endpoint: model, headers: oneAttempt(headers), query };
    const response = await raced(context.send(request, time.signal), time.signal);
    const body = Embeddings.safeParse(await raced(response.json(), time.signal));
    const problem = body.success ? problemOf(body.data.data, texts.length) : "no list of vectors";
    if (!body.success || problem) throw new AiError("invalid_answer", `${model}: ${problem}`, { retryable: true });

    const cached = response.headers.get("cf-aig-cache-status") === "HIT";
    const usage = inputUsage(body.data.usage);
    // A kept answer of this very call was paid for by its first attempt, which nobody has settled.
    const free = cached && (metered.paidBefore || options.callId === undefined);
    const settled = { model, inputTokens: usage ?? 0, outputTokens: 0, cached };
    const cost = free ? 0 : usage === undefined ? worstCase : tokenCost(price, { inputTokens: usage, outputTokens: 0 });
    return {
      value: body.data.data,
      model,
      fallback: false,
      standIn: response.headers.has("x-stand-in"),
      usage: { inputTokens: usage ?? 0, outputTokens: 0 },
      costNano: await metered.settle({ ...settled, cost }),
      cached,
      logId: response.headers.get("cf-aig-log-id") ?? undefined,
    };
  } catch (cause) {
    const elapsedMs = Date.now() - startedAt;
    throw await endFailed(metered, { cause, model, time, options, elapsedMs, attemptMs: undefined });
  }
}

/** A direct call is tried once, whatever the gateway does by default: the worst case is that of one attempt. */
export function oneAttempt(headers: Record<string, string>): Record<string, string> {
  return { ...headers, "cf-aig-max-attempts": "1" };
}

function problemOf(vectors: readonly (readonly number[])[], texts: number): string | undefined {
  if (vectors.length !== texts) return `${vectors.length} vectors for ${texts} texts`;
  const dimensions = vectors[0]?.length ?? 0;
  const even = dimensions > 0 && vectors.every((vector) => vector.length === dimensions);
  return even ? undefined : "vectors of different or no length";
}

/** An embedding writes nothing, so some models count only what they read. */
function inputUsage(wire: unknown): number | undefined {
  const whole = usageOf(wire);
  if (whole) return whole.inputTokens;
  return z.object({ prompt_tokens: z.int().min(0) }).safeParse(wire).data?.prompt_tokens;
}
