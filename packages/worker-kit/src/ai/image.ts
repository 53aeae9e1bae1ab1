import * as z from "zod";
import { priceOf } from "../model-prices.ts";
import { AiError } from "./ai-error.ts";
import { type CallContext, endFailed, openCall, startTime } from "./call-context.ts";
import type { AiAnswer, ImageRequest } from "./contract.ts";
import { imageCost } from "./cost.ts";
import { oneAttempt } from "./embed.ts";
import { raced } from "./race.ts";

/** What the model makes; it takes no other size. @see https://developers.cloudflare.com/workers-ai/models/flux-1-schnell/ */
const SIZE = { width: 1_024, height: 1_024 };
const DEFAULT_STEPS = 4;
/** Above it the model refuses. */
export const MOST_STEPS = 8;

const Picture = z.object({ image: z.base64().min(4) });

/** The bytes of a JPEG. @throws AiError; RangeError for a number of steps that the model does not take */
export async function askImage(
  context: CallContext,
  model: string,
  limitMs: number,
  request: ImageRequest,
): Promise<AiAnswer<Uint8Array<ArrayBuffer>>> {
  const { prompt, steps = DEFAULT_STEPS } = request;
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new RangeError(`steps: 1 to ${MOST_STEPS}, not ${steps}`);
  }
  const price = priceOf(model, context.prices);
  if (price.unit !== "images") throw new RangeError(`${model} is priced by tokens; it makes no pictures`);
  const query = { prompt, steps };
  const time = startTime(limitMs, request);
  // Size and steps are known before, so the worst case is the price itself.
  const worstCase = imageCost(price, { ...SIZE, steps });
  const call = { options: request, query: { model, ...query }, worstCase, time };
  const { metered, headers } = await openCall(context, call);
  const startedAt = Date.now();
  try {
    const wire = { provider: "workers-ai", endpoint: model, headers: oneAttempt(headers), query };
    const response = await raced(context.send(wire, time.signal), time.signal);
    const body = Picture.safeParse(await raced(response.json(), time.signal));
    if (!body.success) throw new AiError("invalid_answer", `${model} answered with no picture`, { retryable: true });
    const cached = response.headers.get("cf-aig-cache-status") === "HIT";
    const cost = cached && (metered.paidBefore || request.callId === undefined) ? 0 : worstCase;
    return {
      value: Uint8Array.from(atob(body.data.image), (character) => character.charCodeAt(0)),
      model,
      fallback: false,
      standIn: response.headers.has("x-stand-in"),
      usage: { inputTokens: 0, outputTokens: 0 },
      costNano: await metered.settle({ cost, model, inputTokens: 0, outputTokens: 0, cached }),
      cached,
      logId: response.headers.get("cf-aig-log-id") ?? undefined,
    };
  } catch (cause) {
    const elapsedMs = Date.now() - startedAt;
    throw await endFailed(metered, { cause, model, time, options: request, elapsedMs, attemptMs: undefined });
  }
}
