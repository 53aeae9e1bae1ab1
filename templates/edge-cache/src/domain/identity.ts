import { canonical } from "@tenner/worker-kit/json-schema";
import type { ChatRequest } from "../openai/chat-request.ts";

/** How the answer is brought, or what is only for the books: none of it changes what is answered. */
const WITHOUT_EFFECT = new Set([
  "model",
  "stream",
  "stream_options",
  "user",
  "safety_identifier",
  "metadata",
  "store",
  "prompt_cache_key",
  "prompt_cache_retention",
]);

/** What one answer is the answer to. */
export interface Question {
  readonly tenant: string;
  /** Who is asked: the route by its name, or one model. */
  readonly target: string;
  /** When that model fails, the route may answer: nobody asked for this model by its name. */
  readonly mayFallBack: boolean;
  /** Tokens that the answer may have. */
  readonly maxTokens: number;
  readonly request: ChatRequest;
}

/**
 * A question's identity as text: equal texts have the same answer. Everything in a request counts but what is known to
 * have no effect; texts are equal after Unicode's canonical composition and without outer white space, and in no other
 * way: "C" is not "C++".
 */
export function identity(question: Question): string {
  return canonical({ version: 1, ...surroundings(question), messages: question.request.messages.map(normalised) });
}

/**
 * All of a question's identity but the words of its last message, as text. Only questions in equal frames may be compared
 * by their words.
 */
export function frame(question: Question): string {
  const { messages } = question.request;
  const { content: _, ...last } = messages.at(-1) ?? {};
  const before = messages.slice(0, -1).map(normalised);
  return canonical({ version: 1, frame: true, ...surroundings(question), messages: [...before, last] });
}

function surroundings({ tenant, target, mayFallBack, maxTokens, request }: Question): object {
  const { max_tokens: _, max_completion_tokens: __, n, messages: ___, ...parameters } = request;
  const effective = Object.entries(parameters).filter(([name, value]) => !WITHOUT_EFFECT.has(name) && value != null);
  return {
    tenant,
    target,
    // Who asks for a model by its name must not wait for an answer that another one may give.
    ...(mayFallBack && { mayFallBack }),
    maxTokens,
    answers: n ?? 1,
    parameters: Object.fromEntries(effective),
  };
}

/** Normalises the words of a message; what else it holds (names, calls of tools) is taken as it is. */
function normalised(message: ChatRequest["messages"][number]): unknown {
  const { content, ...rest } = message;
  if (content == null) return rest;
  if (typeof content === "string") return { ...rest, content: sameWords(content) };
  return { ...rest, content: content.map((part) => ({ ...part, text: sameWords(part.text) })) };
}

function sameWords(text: string): string {
  return text.normalize("NFC").trim();
}
