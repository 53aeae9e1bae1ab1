import type { Ledger } from "../ledger.ts";
import type { GatewaySettings, Settings } from "../settings.ts";
import type { CallContext, PricedModel } from "./call-context.ts";
import { tokenPriceOf } from "./call-context.ts";
import { askChat, askText, type ChatContext } from "./chat.ts";
import { askStream } from "./chat-stream.ts";
import type { AiClient } from "./contract.ts";
import { conversation } from "./conversation.ts";
import { askEmbeddings } from "./embed.ts";
import { type AiBinding, gatewayTransport } from "./gateway-transport.ts";
import { askImage } from "./image.ts";
import { openaiClient } from "./openai-client.ts";
import { checkMetadata, type Metadata } from "./request-headers.ts";
import { askStructured } from "./structured.ts";

/** What the client needs of a Worker. */
export interface AiClientOptions {
  /** `env.AI` */
  readonly binding: AiBinding;
  /** The JSON binding `AI_GATEWAY`, parsed. */
  readonly gateway: GatewaySettings;
  readonly ledger: Ledger;
  /** Of the stack's settings. */
  readonly models: Settings["models"];
  /** The Worker's template, for the ledger and the gateway's log. */
  readonly template: string;
  /** Whose question it is. */
  readonly tenant: string;
  readonly job?: string;
  /** Up to two more facts for the gateway's log and rules. */
  readonly metadata?: Metadata;
  /**
   * The gateway has the keys of other providers: a model that is asked alone uses the one stored as `default`, as routes
   * do. @default false: such a call is billed by Cloudflare, where it can be
   */
  readonly storedKeys?: boolean;
  /** Milliseconds that one call may take in all. @default all attempts of the route, and 5 s for the way */
  readonly timeoutMs?: number;
  /** The stack's clock, ms; `() => now(env)` of `clock`. @default Date.now */
  readonly now?: () => number;
}

/**
 * The AI client of one request or job. Every call goes through the stack's AI Gateway over the Worker's own binding,
 * and is reserved in the ledger before it is sent.
 *
 * @throws PriceError when a model of the route has no price; RangeError for metadata that the gateway does not take
 * @example
 * const ai = aiClient({
 *   binding: env.AI,
 *   gateway: GatewaySettings.parse(env.AI_GATEWAY),
 *   ledger: d1Ledger({ database: env.LEDGER, budget: settings.budget, now: () => now(env) }),
 *   models: settings.models,
 *   template: "event-agent",
 *   tenant: "acme",
 *   job: job.id,
 * });
 * const { value, costNano } = await ai.structured({ system, prompt, callId: job.id }, zodShape(Invoice));
 */
export function aiClient(options: AiClientOptions): AiClient {
  const chat = chatContext(options);
  const directMs = directTime(options);
  return {
    text: (question) => askText(chat, conversation(question), question),
    structured: (question, shape) =>
      askStructured((messages, each, jsonSchema) => askChat(chat, messages, each, jsonSchema), question, shape),
    stream: (question) => askStream(chat, conversation(question), question),
    embed: (texts, callOptions = {}) => askEmbeddings(chat, options.models.embedding, directMs, texts, callOptions),
    image: (request) => askImage(chat, options.models.image, directMs, request),
  };
}

/** How long a call takes at most that asks one model. */
export function directTime({ timeoutMs, gateway }: AiClientOptions): number {
  return timeoutMs ?? Math.max(...gateway.models.map((model) => model.timeoutMs));
}

/** What the calls of one request or job share. @throws PriceError, RangeError as `aiClient` does */
export function chatContext(options: AiClientOptions): ChatContext {
  const { gateway, ledger, template, tenant, job, now = Date.now } = options;
  const context: CallContext = {
    gateway,
    send: gatewayTransport(options.binding, gateway.id, now),
    account: { ledger, template, tenant, now },
    metadata: checkMetadata({ template, tenant, job, ...options.metadata }),
    prices: options.models.prices,
    timeoutMs: options.timeoutMs,
  };
  return { ...context, openai: openaiClient(context.send), models: pricedModels(options) };
}

function pricedModels({ gateway, models }: AiClientOptions): [PricedModel, ...PricedModel[]] {
  const [first, ...rest] = gateway.models.map((each) => ({ ...each, price: tokenPriceOf(each.model, models.prices) }));
  if (!first) throw new RangeError(`gateway ${gateway.id}: its route "${gateway.route}" names no model`);
  return [first, ...rest];
}
