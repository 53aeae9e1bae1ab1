import type OpenAI from "openai";
import * as z from "zod";
import type { Settlement } from "../ledger.ts";
import { AiError } from "./ai-error.ts";
import { type CallContext, type CallTime, endFailed, openCall, type PricedModel, startTime } from "./call-context.ts";
import type { AiAnswer, AiQuestion, CallOptions, Message } from "./contract.ts";
import { type TokenUsage, tokenBound, tokenCost, worstCaseOfRoute } from "./cost.ts";
import type { MeteredCall } from "./metered-call.ts";
import { raced } from "./race.ts";

/** Everything that a chat call needs: the SDK, and the models of the route with their prices. */
export interface ChatContext extends CallContext {
  readonly openai: OpenAI;
  readonly models: readonly [PricedModel, ...PricedModel[]];
}

const DEFAULT_OUTPUT_TOKENS = 1_024;
/** Beyond the attempts themselves: the ways there and back, and the pauses between attempts. */
const ROUTE_MARGIN_MS = 5_000;

const Usage = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) });

const Completion = z.object({
  model: z.string().optional().catch(undefined),
  choices: z.array(z.object({ message: z.object({ content: z.unknown() }) })).min(1),
  usage: Usage.nullish().catch(null),
});

/** Asks the route once; the value is what the model said: text, or JSON that the gateway parsed. @throws AiError */
export async function askChat(
  context: ChatContext,
  messages: readonly Message[],
  question: AiQuestion,
  jsonSchema?: object,
): Promise<AiAnswer<unknown>> {
  const query = {
    ...chatQuery(context, messages, question),
    ...(jsonSchema && {
      response_format: {
        type: "json_schema" as const,
        json_schema: { name: "answer", schema: { ...jsonSchema } as Record<string, unknown> },
      },
    }),
  };
  const call = await openChat(context, messages, question, query);
  try {
    const { completion, source, usage } = await completeChat(context, call, query);
    const content = completion.choices[0]?.message.content ?? "";
    return {
      ...source,
      standIn: source.standIn || JSON.stringify(content).includes("[stand-in]"),
      value: content,
      usage: usage ?? NO_USAGE,
      costNano: await settleChat(context, call, source, usage),
    };
  } catch (cause) {
    throw await call.fail(cause);
  }
}

/** Waits for the whole answer to a reserved call. @throws AiError `invalid_answer` for an unknown shape, else the SDK's */
export async function completeChat(
  context: ChatContext,
  { headers, time: { signal } }: Pick<ChatCall, "headers" | "time">,
  query: OpenAI.Chat.ChatCompletionCreateParamsNonStreaming,
) {
  const { data, response } = await raced(
    context.openai.chat.completions.create(query, { headers, signal }).withResponse(),
    signal,
  );
  const answer = Completion.safeParse(data);
  if (!answer.success) {
    throw new AiError("invalid_answer", "the model answered in an unknown shape", {
      retryable: true,
      cause: answer.error,
    });
  }
  return {
    data,
    completion: answer.data,
    source: readSource(context, response.headers, answer.data.model),
    usage: usageOf(answer.data.usage),
  };
}

/** Asks for text. @throws AiError; `invalid_answer` for nothing, which is paid for all the same */
export async function askText(context: ChatContext, messages: readonly Message[], question: AiQuestion) {
  const answer = await askChat(context, messages, question);
  const text = typeof answer.value === "string" ? answer.value.trim() : JSON.stringify(answer.value);
  if (text === "") throw new AiError("invalid_answer", `${answer.model} answered nothing`, { retryable: true });
  return { ...answer, value: text };
}

export const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** What is asked of the route. */
export function chatQuery({ gateway }: CallContext, messages: readonly Message[], question: AiQuestion) {
  return {
    model: `dynamic/${gateway.route}`,
    messages: messages.map((message) => ({ ...message })),
    max_tokens: question.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS,
    ...(question.temperature !== undefined && { temperature: question.temperature }),
  };
}

/** A chat call that is reserved and may be sent. */
export interface ChatCall {
  readonly metered: MeteredCall;
  readonly headers: Record<string, string>;
  readonly time: CallTime;
  /** Real time, ms. */
  readonly startedAt: number;
  readonly repeatable: boolean;
  /** Ends it in the ledger. @returns what to throw */
  fail(cause: unknown): Promise<unknown>;
}

/** Reserves a chat call's worst case. @throws AiError */
export async function openChat(
  context: ChatContext,
  messages: readonly unknown[],
  question: CallOptions & Pick<AiQuestion, "cacheSeconds">,
  query: { readonly max_tokens: number },
): Promise<ChatCall> {
  const { models } = context;
  const attemptsMs = models.reduce((sum, model) => sum + model.attempts * model.timeoutMs, ROUTE_MARGIN_MS);
  const time = startTime(context.timeoutMs ?? attemptsMs, question);
  const { metered, headers } = await openCall(context, {
    options: question,
    query,
    worstCase: worstCaseOfRoute(models, {
      inputTokens: tokenBound(query, messages.length),
      outputTokens: query.max_tokens,
    }),
    time,
  });
  const startedAt = Date.now();
  return {
    metered,
    headers,
    time,
    startedAt,
    repeatable: question.callId !== undefined,
    fail: (cause) =>
      endFailed(metered, {
        cause,
        model: models[0].model,
        time,
        options: question,
        elapsedMs: Date.now() - startedAt,
        attemptMs: Math.min(...models.map((model) => model.timeoutMs)),
      }),
  };
}

/** Who answered. */
export interface AnswerSource {
  readonly model: string;
  /** The answering model's place on the route; undefined when the gateway did not say one of it. */
  readonly place: number | undefined;
  readonly fallback: boolean;
  readonly standIn: boolean;
  readonly cached: boolean;
  readonly logId: string | undefined;
}

/** Reads from an answer's headers who answered, or from its body. */
export function readSource({ models }: ChatContext, headers: Headers, bodyModel: string | undefined): AnswerSource {
  const said = headers.get("cf-aig-model") ?? bodyModel ?? "";
  const provider = headers.get("cf-aig-provider");
  const names = [said, `${provider}/${said}`].map((name) => name.replace(/^workers-ai\//, ""));
  const found = models.findIndex(({ model }) => names.includes(model.replace(/^workers-ai\//, "")));
  return {
    model: models[found]?.model ?? said,
    place: found < 0 ? undefined : found,
    fallback: found > 0,
    standIn: headers.has("x-stand-in"),
    cached: headers.get("cf-aig-cache-status") === "HIT",
    logId: headers.get("cf-aig-log-id") ?? undefined,
  };
}

/** Tokens as the model counted them; undefined when it did not. */
export function usageOf(wire: unknown): TokenUsage | undefined {
  const usage = Usage.safeParse(wire).data;
  return usage && { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
}

/**
 * Settles a good answer. The worst case counts where the truth is unknown: the model or its tokens were not named, or
 * so much time passed that an attempt before the answer may have been given up after it was paid for.
 *
 * @param beganAt when the answer began, real time in ms
 */
export async function settleChat(
  { models }: ChatContext,
  call: ChatCall,
  source: AnswerSource,
  usage: TokenUsage | undefined,
  beganAt = Date.now(),
): Promise<number> {
  const { metered } = call;
  const model = source.place === undefined ? undefined : models[source.place];
  const settled = (cost: number): Settlement => ({
    cost,
    model: source.model || models[0].model,
    ...(usage ?? NO_USAGE),
    cached: source.cached,
  });
  // Only the same call can have filled the cache under a call's own key: its first attempt, which is unpaid as yet.
  const firstPaid = call.repeatable && !metered.paidBefore;
  if (source.cached && !firstPaid) return metered.settle(settled(0));
  if (!model || !usage) return metered.settleAtWorst(settled(0).model);
  const elapsed = beganAt - call.startedAt;
  if (!source.cached && mayHaveGivenUp(models.slice(0, models.indexOf(model) + 1), elapsed)) {
    return metered.settleAtWorst(model.model);
  }
  return metered.settle(settled(tokenCost(model.price, usage)));
}

/** Whether an attempt before the one that answered can have run out of time. */
function mayHaveGivenUp(models: readonly PricedModel[], elapsedMs: number): boolean {
  const attempts = models.reduce((sum, model) => sum + model.attempts, 0);
  return attempts > 1 && elapsedMs >= Math.min(...models.map((model) => model.timeoutMs));
}
