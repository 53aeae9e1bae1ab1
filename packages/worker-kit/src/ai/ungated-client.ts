import * as z from "zod";
import { AiError } from "./ai-error.ts";
import { tokenPriceOf } from "./call-context.ts";
import type { AiAnswer, AiClient, AiQuestion, Message } from "./contract.ts";
import { conversation } from "./conversation.ts";
import { tokenCost } from "./cost.ts";
import { askStructured } from "./structured.ts";

/** What the client needs of a Worker. */
export interface UngatedClientOptions {
  readonly binding: Pick<Ai, "run">;
  readonly models: { readonly primary: string; readonly fallback: string };
  /** Milliseconds that one call of one model may take. */
  readonly timeoutMs: number;
}

/**
 * A client for a Worker without a gateway and a ledger: the primary model, then the fallback, straight through the
 * binding. Its costs are list prices, and nobody keeps account of them: only `aiClient` holds a budget.
 */
export function ungatedAiClient(options: UngatedClientOptions): Pick<AiClient, "text" | "structured"> {
  async function ask(
    messages: readonly Message[],
    question: AiQuestion,
    jsonSchema?: object,
  ): Promise<AiAnswer<unknown>> {
    const models = [...new Set([options.models.primary, options.models.fallback])];
    const failures: AiError[] = [];
    for (const model of models) {
      try {
        const { content, ...answer } = await callModel(options, model, messages, question, jsonSchema);
        const costNano = tokenCost(tokenPriceOf(model, {}), answer.usage);
        return { ...answer, value: content, fallback: failures.length > 0, costNano, cached: false, logId: undefined };
      } catch (error) {
        if (!(error instanceof AiError) || error.code === "budget_exhausted") throw error;
        failures.push(error);
      }
    }
    const last = failures.at(-1);
    throw new AiError(last?.code ?? "model_unavailable", failures.map((failure) => failure.message).join("; "), {
      retryable: failures.some((failure) => failure.retryable),
      retryAfterMs: last?.retryAfterMs,
      cause: last,
    });
  }

  return {
    async text(question) {
      const answer = await ask(conversation(question), question);
      const text = asText(answer.value).trim();
      if (text === "") throw new AiError("invalid_answer", `${answer.model} answered nothing`, { retryable: true });
      return { ...answer, value: text };
    },
    structured: (question, shape) => askStructured(ask, question, shape),
  };
}

interface ModelAnswer {
  readonly content: unknown;
  readonly model: string;
  readonly standIn: boolean;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** Workers AI's own shape and OpenAI's, of which newer models answer the second. */
const WireAnswer = z.object({
  response: z.unknown().optional(),
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).optional(),
  usage: z.object({ prompt_tokens: z.number().optional(), completion_tokens: z.number().optional() }).nullish(),
});

const WireError = z.object({
  internalCode: z.number().optional(),
  description: z.string().optional(),
  errors: z.array(z.object({ code: z.number().optional(), message: z.string().optional() })).optional(),
});

async function callModel(
  options: UngatedClientOptions,
  model: string,
  messages: readonly Message[],
  question: AiQuestion,
  jsonSchema: object | undefined,
): Promise<ModelAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = question.signal ? AbortSignal.any([timeout, question.signal]) : timeout;
  try {
    question.signal?.throwIfAborted();
    const inputs = {
      messages,
      max_tokens: question.maxOutputTokens ?? 1_024,
      ...(question.temperature !== undefined && { temperature: question.temperature }),
      ...(jsonSchema && { response_format: { type: "json_schema", json_schema: jsonSchema } }),
    };
    // The binding's types list today's models; which one is asked is a setting, so its name is any string.
    const run = options.binding.run.bind(options.binding) as unknown as (
      model: string,
      inputs: object,
      options: AiOptions,
    ) => Promise<unknown>;
    // Some bindings only look at the signal before they send: the race makes sure that waiting ends.
    const result = await Promise.race([run(model, inputs, { signal, returnRawResponse: true }), rejection(signal)]);
    const response = result instanceof Response ? result : Response.json(result);
    if (!response.ok) throw await refusal(model, response);
    const body = await Promise.race([response.json(), rejection(signal)]);
    const answer = WireAnswer.parse(body);
    const content = answer.response ?? answer.choices?.[0]?.message.content ?? "";
    return {
      content,
      model,
      // The local cloud's stand-in says so in a header or in its text.
      standIn: response.headers.has("x-stand-in") || asText(content).includes("[stand-in]"),
      usage: { inputTokens: answer.usage?.prompt_tokens ?? 0, outputTokens: answer.usage?.completion_tokens ?? 0 },
    };
  } catch (cause) {
    if (question.signal?.aborted) throw question.signal.reason;
    if (cause instanceof AiError) throw cause;
    if (timeout.aborted) throw new AiError("timeout", `${model} did not answer in ${options.timeoutMs} ms`, { cause });
    if (cause instanceof z.ZodError || cause instanceof SyntaxError) {
      throw new AiError("model_unavailable", `${model} answered in an unknown shape`, { cause });
    }
    throw new AiError("model_unavailable", `${model}: ${cause instanceof Error ? cause.message : "failed"}`, { cause });
  }
}

/** Sorts Cloudflare's error codes. @see https://developers.cloudflare.com/workers-ai/platform/errors/ */
async function refusal(model: string, response: Response): Promise<AiError> {
  const body = WireError.safeParse(await response.json().catch(() => ({})));
  const code = body.data?.internalCode ?? body.data?.errors?.[0]?.code;
  const message = `${model}: ${body.data?.description ?? body.data?.errors?.[0]?.message ?? `status ${response.status}`}`;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  if (code === 2045 || code === 2021) return new AiError("budget_exhausted", message, { retryAfterMs });
  if (response.status === 408 || code === 3007) return new AiError("timeout", message);
  if (response.status === 429) return new AiError("rate_limited", message, { retryAfterMs });
  return new AiError("model_unavailable", message, { retryable: response.status >= 500, retryAfterMs });
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function asText(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}
