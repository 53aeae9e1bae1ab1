import { type AiClientOptions, AiError } from "@tenner/worker-kit/ai";
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type RelayedQuery,
  relayClient,
} from "@tenner/worker-kit/ai/relay";
import { now } from "@tenner/worker-kit/clock";
import { type D1Ledger, d1Ledger } from "@tenner/worker-kit/ledger";
import { log } from "@tenner/worker-kit/log";
import { PriceError } from "@tenner/worker-kit/model-prices";
import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";
import { ROUTE } from "@tenner/worker-kit/settings/model-target";
import type { Question } from "./domain/identity.ts";
import { wantsJson } from "./openai/chat-request.ts";
import { chunksOf, completionOf } from "./openai/completion.ts";

/** What an answer is, and what it came to. */
export interface Answer {
  readonly completion: ChatCompletion;
  /** Which model has answered. */
  readonly model: string;
  readonly fallback: boolean;
  readonly standIn: boolean;
  readonly costNano: number;
  /** What the semantic cache would have served, had it not been told to only watch. */
  readonly shadow?: { readonly similarity: number };
}

/** What comes of a question: chunks when it is streamed, and last the whole. */
export type AnswerEvent =
  | { readonly kind: "chunk"; readonly chunk: ChatCompletionChunk }
  | { readonly kind: "answer"; readonly answer: Answer };

export type Relay = ReturnType<typeof relayClient>;

/** The stack's ledger. */
export function ledgerOf(env: Env, settings: Settings): D1Ledger {
  return d1Ledger({ database: env.LEDGER, budget: settings.budget, now: () => now(env) });
}

/** A tenant's way to the models: through the gateway, within the budget. */
export function relayOf(env: Env, settings: Settings, tenant: string): Relay {
  const options: AiClientOptions = {
    binding: env.AI,
    gateway: GatewaySettings.parse(env.AI_GATEWAY),
    ledger: ledgerOf(env, settings),
    models: settings.models,
    storedKeys: settings.aiGateway.secretsStoreId !== undefined,
    template: "edge-cache",
    tenant,
    now: () => now(env),
  };
  return relayClient(options);
}

/**
 * Asks the models: the route, or one model, and when that one fails before it has said anything, the route where the
 * question lets it.
 *
 * @throws AiError
 */
export async function* askUpstream(
  relay: Relay,
  question: Question,
  options: AskOptions,
): AsyncGenerator<AnswerEvent, void, undefined> {
  let begun = false;
  try {
    for await (const event of askTarget(relay, question, options)) {
      begun = true;
      yield event;
    }
    return;
  } catch (error) {
    const another = error instanceof AiError || error instanceof PriceError;
    if (begun || !another || !question.mayFallBack || question.target === ROUTE) throw error;
    log("info", "model_failed", { model: question.target, message: error.message });
  }
  for await (const event of askTarget(relay, { ...question, target: ROUTE }, options)) {
    // Not whom the question was for: its answer is not kept.
    yield event.kind === "answer" ? { ...event, answer: { ...event.answer, fallback: true } } : event;
  }
}

interface AskOptions {
  readonly stream: boolean;
  readonly signal?: AbortSignal;
}

/** Attempts at a model that is asked without the route, which has its own; the ledger reserves all of them. */
const ATTEMPTS = 2;

/**
 * Asks one target. Several answers (`n`) are as many calls, for not every model can give them in one; JSON is asked for
 * whole, for Workers AI does not stream it.
 */
async function* askTarget(
  relay: Relay,
  question: Question,
  options: AskOptions,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const { n } = question.request;
  const count = n ?? 1;
  const { signal } = options;
  const relayed = {
    ...(question.target !== ROUTE && { model: question.target, attempts: ATTEMPTS }),
    ...(signal && { signal }),
  };
  if (options.stream && count === 1 && !wantsJson(question.request)) {
    const stream = await relay.stream(queryOf(question, 0), relayed);
    const chunks: ChatCompletionChunk[] = [];
    try {
      for (;;) {
        const step = await stream.next();
        if (step.done) {
          const { model, fallback, standIn, costNano } = step.value;
          yield { kind: "answer", answer: { completion: completionOf(chunks), model, fallback, standIn, costNano } };
          return;
        }
        chunks.push(step.value);
        yield { kind: "chunk", chunk: step.value };
      }
    } finally {
      // What comes back is not read: whoever left is not told.
      await stream.return({} as never);
    }
  }
  const answer = await askWhole(relay, question, count, relayed);
  if (options.stream) for (const chunk of chunksOf(answer.completion)) yield { kind: "chunk", chunk };
  yield { kind: "answer", answer };
}

export { ROUTE };

async function askWhole(relay: Relay, question: Question, count: number, relayed: object): Promise<Answer> {
  const places = Array.from({ length: count }, (_, place) => place);
  const asked = await Promise.allSettled(places.map((place) => relay.chat(queryOf(question, place), relayed)));
  const answers = asked.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
  const [first] = answers;
  if (!first) throw new RangeError("no answer was asked for");
  return {
    completion: merged(answers.map(({ value }) => value)),
    model: first.model,
    fallback: answers.some(({ fallback }) => fallback),
    standIn: answers.some(({ standIn }) => standIn),
    costNano: answers.reduce((sum, { costNano }) => sum + costNano, 0),
  };
}

/** Several answers as one. Every call has read the prompt, so each counts. */
function merged(completions: readonly ChatCompletion[]): ChatCompletion {
  const [first] = completions;
  if (!first || completions.length === 1) return first as ChatCompletion; // the caller has at least one
  const usages = completions.flatMap(({ usage }) => (usage ? [usage] : []));
  const sum = (count: "prompt_tokens" | "completion_tokens" | "total_tokens") =>
    usages.reduce((total, usage) => total + usage[count], 0);
  return {
    ...first,
    choices: completions.flatMap(({ choices }, index) => choices.slice(0, 1).map((choice) => ({ ...choice, index }))),
    usage: {
      prompt_tokens: sum("prompt_tokens"),
      completion_tokens: sum("completion_tokens"),
      total_tokens: sum("total_tokens"),
    },
  };
}

/** What the gateway says itself. */
const OWN = new Set(["model", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens"]);

/** The request as the model gets it. With a seed each of several answers has its own, or all would be the same. */
function queryOf({ request, maxTokens }: Question, place: number): RelayedQuery {
  const parameters = Object.entries(request).filter(([name, value]) => !OWN.has(name) && value != null);
  return {
    ...Object.fromEntries(parameters),
    messages: request.messages,
    ...(request.seed != null && { seed: request.seed + place }),
    max_tokens: maxTokens,
  };
}
