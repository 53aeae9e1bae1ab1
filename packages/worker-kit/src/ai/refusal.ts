import * as z from "zod";
import { AiError } from "./ai-error.ts";
import { spendLimitIn } from "./spend-limit.ts";

const DAY_MS = 86_400_000;

/** An answer that is an error, and whether a model may have been paid for before it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly error: AiError;
  /** The gateway or the model said no in words we know, so nobody bills for it. */
  readonly free: boolean;

  constructor(error: AiError, free: boolean) {
    super(error.message, { cause: error });
    this.error = error;
    this.free = free;
  }
}

const Item = z.object({ code: z.coerce.number().optional().catch(undefined), message: z.string().optional() });

/** AI Gateway's form, Workers AI's, the REST API's, and OpenAI's. */
const WireError = z.object({
  internalCode: z.number().optional(),
  description: z.string().optional(),
  error: z.union([z.array(Item), Item]).optional(),
  errors: z.array(Item).optional(),
});

/**
 * Sorts the error answers of AI Gateway and of models by their codes.
 *
 * @param now ms, for the times of limits that are bound to the calendar
 * @see https://developers.cloudflare.com/workers-ai/platform/errors/
 */
export async function readRefusal(response: Response, now: number): Promise<Refusal> {
  const body = WireError.safeParse(await response.json().catch(() => undefined)).data;
  const item = [body?.error].flat()[0] ?? body?.errors?.[0];
  const code = body?.internalCode ?? item?.code;
  const said = body?.description ?? item?.message;
  const known = body !== undefined && (code !== undefined || said !== undefined);
  const timedOut = response.status === 408 || response.status === 504 || code === 3007;
  const free = !timedOut && (known || response.status < 500);
  return new Refusal(nameRefusal({ status: response.status, code, said, wait: retryAfter(response) }, now), free);
}

interface ErrorFacts {
  readonly status: number;
  readonly code: number | undefined;
  readonly said: string | undefined;
  /** ms */
  readonly wait: number | undefined;
}

function nameRefusal({ status, code, said, wait }: ErrorFacts, now: number): AiError {
  const message = `${code ?? `status ${status}`}: ${(said ?? "the gateway gave no reason").slice(0, 300)}`;
  if (code === 2045) {
    const limit = spendLimitIn(said ?? "", now);
    return new AiError("budget_exhausted", limit.message, {
      retryAfterMs: limit.retryAfterMs,
      budget: { scope: "gateway", ceiling: limit.ceiling, held: false },
    });
  }
  if (code === 2021 || status === 402) {
    return new AiError("budget_exhausted", "the account has no credit left for this provider; add some", {
      retryAfterMs: wait,
      budget: { scope: "gateway", ceiling: undefined, held: false },
    });
  }
  // A provider's own words about a wrong key may quote it. The key is the stack's, so no question is to blame: the same
  // one goes through once the key is mended.
  if (code === 2009 || status === 401 || status === 403)
    return new AiError("model_unavailable", `${code ?? status}: the gateway or the provider refused the credentials`);
  if (code === 3036) return new AiError("rate_limited", message, { retryAfterMs: DAY_MS - (now % DAY_MS) });
  if (code === 2003) return new AiError("rate_limited", message, { retryAfterMs: wait });
  if (status === 408 || status === 504 || code === 3007) return new AiError("timeout", message, { retryAfterMs: wait });
  if (status === 429) return new AiError("rate_limited", message, { retryAfterMs: wait });
  // A gateway, route or model that is not there is the stack's to mend, too.
  const retryable = status >= 500 || status === 404 || code === 2001;
  return new AiError("model_unavailable", message, { retryable, retryAfterMs: wait });
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
