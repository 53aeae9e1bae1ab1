import type OpenAI from "openai";
import { AiError } from "./ai-error.ts";
import { type CallContext, type PricedModel, tokenPriceOf } from "./call-context.ts";
import {
  type AnswerSource,
  type ChatCall,
  type ChatContext,
  completeChat,
  NO_USAGE,
  openChat,
  settleChat,
  usageOf,
} from "./chat.ts";
import { beginStream, cutOff, longestSilence, nextPart, type StreamReader } from "./chat-stream.ts";
import { type AiClientOptions, chatContext, directTime } from "./client.ts";
import type { AiAnswer, CallOptions } from "./contract.ts";
import type { TokenUsage } from "./cost.ts";
import { oneAttempt } from "./embed.ts";
import { relayEmbeddings } from "./relay-embeddings.ts";

export type ChatCompletion = OpenAI.Chat.Completions.ChatCompletion;
export type ChatCompletionChunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/**
 * A chat request as an OpenAI client sends it, without `model`, `stream` and `stream_options`. Everything in it goes to
 * the model. Its content has to be text: pictures and sounds have no bound by which they could be reserved.
 */
export interface RelayedQuery {
  readonly messages: readonly unknown[];
  /** The longest answer: its worst case is reserved. */
  readonly max_tokens: number;
  readonly [parameter: string]: unknown;
}

/** How one request is relayed. */
export interface RelayOptions extends Pick<CallOptions, "signal"> {
  /** One model that is asked alone. @default the gateway's route */
  readonly model?: string | undefined;
  /** How often that model is tried, 1 to 5; all of it is reserved. @default 1 */
  readonly attempts?: number | undefined;
}

/** Passes OpenAI requests on as they are, within the budget: every call is reserved and settled. */
export interface RelayClient {
  /** @throws AiError; PriceError for a model without a price */
  chat(query: RelayedQuery, options?: RelayOptions): Promise<AiAnswer<ChatCompletion>>;
  /**
   * Resolves when the model begins. The chunks are the model's own, the last one counts the tokens; who reads them to
   * their end gets what the answer came to. Whoever stops before has to say so with `return()`.
   *
   * @throws AiError here and between the chunks; PriceError
   */
  stream(
    query: RelayedQuery,
    options?: RelayOptions,
  ): Promise<AsyncGenerator<ChatCompletionChunk, AiAnswer<undefined>, undefined>>;
  /** One vector a text, in their order. @throws AiError; PriceError */
  embed(texts: readonly string[], options?: Pick<CallOptions, "signal">): Promise<AiAnswer<number[][]>>;
}

/** The relay of one request. @throws PriceError, RangeError as `aiClient` does */
export function relayClient(options: AiClientOptions): RelayClient {
  const route = chatContext(options);
  const target = ({ model, attempts = 1 }: RelayOptions): Target => {
    if (model === undefined) return { context: route, name: `dynamic/${route.gateway.route}`, headers: {} };
    const one = alone(model, attempts, options, route);
    const headers = { ...attemptHeaders(one), ...(options.storedKeys && keyHeaders(model)) };
    return { context: { ...route, models: [one] }, name: wireName(model), headers };
  };
  return {
    chat: (query, relayed = {}) => relayChat(target(relayed), query, relayed),
    stream: (query, relayed = {}) => relayStream(target(relayed), query, relayed),
    embed: (texts, call = {}) => relayEmbeddings(route, options.models.embedding, directTime(options), texts, call),
  };
}

interface Target {
  readonly context: ChatContext;
  /** As the gateway calls it. */
  readonly name: string;
  /** What the gateway is told of it, besides what it is told of every call. */
  readonly headers: Readonly<Record<string, string>>;
}

function alone(model: string, attempts: number, options: AiClientOptions, { prices }: CallContext): PricedModel {
  return { model, price: tokenPriceOf(model, prices), attempts, timeoutMs: directTime(options) };
}

/** The compat endpoint wants the provider's name before Workers AI's models, too. */
function wireName(model: string): string {
  return model.startsWith("@") ? `workers-ai/${model}` : model;
}

async function relayChat(target: Target, query: RelayedQuery, options: CallOptions): Promise<AiAnswer<ChatCompletion>> {
  const { context } = target;
  // What was sent to us is sent on: the SDK's types only know the parameters of today.
  const wire = { ...query, model: target.name } as unknown as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
  const call = await open(target, { ...query, model: target.name }, options);
  try {
    const { data, source, usage } = await completeChat(context, call, wire);
    const costNano = await settleChat(context, call, source, usage);
    return { ...answerOf(source, usage, costNano), value: withTextContent(data) };
  } catch (cause) {
    throw await call.fail(cause);
  }
}

async function relayStream(target: Target, query: RelayedQuery, options: CallOptions) {
  const { context } = target;
  const wire = { ...query, model: target.name, stream: true, stream_options: { include_usage: true } };
  const call = await open(target, wire, options);
  // As above.
  const asked = wire as unknown as OpenAI.Chat.ChatCompletionCreateParamsStreaming;
  return readChunks(context, call, await beginStream(context, call, asked), options);
}

async function open({ context, headers }: Target, wire: RelayedQuery, options: CallOptions): Promise<ChatCall> {
  const call = await openChat(context, wire.messages, options, wire);
  return { ...call, headers: { ...call.headers, ...headers } };
}

/** Always said, or the gateway tries as often as its own settings have it, which nobody has reserved. */
function attemptHeaders({ attempts, timeoutMs }: PricedModel): Record<string, string> {
  if (attempts === 1) return oneAttempt({});
  return {
    "cf-aig-max-attempts": String(attempts),
    "cf-aig-request-timeout": String(timeoutMs),
    "cf-aig-retry-delay": String(RETRY_DELAY_MS),
  };
}

/**
 * The key that the gateway has for the provider, by its usual name. Workers AI needs none.
 * @see https://developers.cloudflare.com/ai-gateway/configuration/bring-your-own-keys/
 */
function keyHeaders(model: string): Record<string, string> {
  return model.startsWith("@") ? {} : { "cf-aig-byok-alias": "default" };
}

/** Someone waits. */
const RETRY_DELAY_MS = 250;

async function* readChunks(
  context: ChatContext,
  call: ChatCall,
  reader: StreamReader,
  options: CallOptions,
): AsyncGenerator<ChatCompletionChunk, AiAnswer<undefined>, undefined> {
  const idleMs = longestSilence(context);
  let usage: TokenUsage | undefined;
  let finished = false;
  let ended = false;
  /** The true cost when the answer is whole, its worst case when it is not. */
  async function end(): Promise<number> {
    ended = true;
    if (finished) return settleChat(context, call, reader.source, usage, reader.beganAt);
    return call.metered.settleAtWorst(reader.source.model || context.models[0].model);
  }
  try {
    for (let next = reader.first; !next.done; next = await nextPart(reader, idleMs, options)) {
      usage = usageOf(next.value.usage) ?? usage;
      finished ||= next.value.choices?.some((choice) => choice.finish_reason) ?? false;
      yield next.value;
    }
    if (!finished) throw new AiError("model_unavailable", `${reader.source.model} broke off its answer`);
    const costNano = await end();
    return { ...answerOf(reader.source, usage, costNano), value: undefined };
  } catch (cause) {
    if (!ended) await end();
    throw options.signal?.aborted ? options.signal.reason : cutOff(cause, reader.source.model);
  } finally {
    // The reader left.
    if (!ended) await end();
    reader.body.abort();
  }
}

function answerOf(source: AnswerSource, usage: TokenUsage | undefined, costNano: number) {
  const { place: _, ...facts } = source;
  return { ...facts, usage: usage ?? NO_USAGE, costNano };
}

/** The gateway may have parsed an answer in JSON mode; OpenAI's clients expect its text. */
function withTextContent(completion: ChatCompletion): ChatCompletion {
  return {
    ...completion,
    choices: completion.choices.map((choice) => {
      const content: unknown = choice.message.content ?? null;
      const text = content === null || typeof content === "string" ? content : JSON.stringify(content);
      return { ...choice, message: { ...choice.message, content: text } };
    }),
  };
}
