import type { NanoDollars } from "../ledger.ts";
import type { AnswerShape } from "./answer-shape.ts";
import type { TokenUsage } from "./cost.ts";

/** One message of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What every call may say about itself. */
export interface CallOptions {
  /** Ends the call; the rejection is then the signal's own reason. What was sent by then counts at its worst case. */
  readonly signal?: AbortSignal;
  /**
   * The same for every repeat of the same call after a crash, 1 or more characters, unique within the template and its
   * tenant, in use once at a time. A repeat finds its reservation, and the gateway answers it from its cache for a day.
   * @default a call of its own, never answered from a cache
   */
  readonly callId?: string;
}

/** One question. */
export interface AiQuestion extends CallOptions {
  readonly system: string;
  /** What was said before, oldest first. */
  readonly history?: readonly Message[];
  readonly prompt: string;
  /** @default 1024 */
  readonly maxOutputTokens?: number;
  /** 0 to 2. @default the model's own */
  readonly temperature?: number;
  /**
   * Seconds (60 and more) for which the gateway may answer the same question of the same tenant from its cache, at no
   * cost. Without effect beside `callId`.
   * @default no cache
   */
  readonly cacheSeconds?: number;
}

/** An answer and where it came from. */
export interface AiAnswer<T> {
  readonly value: T;
  /** As the route names it. */
  readonly model: string;
  /** The primary model failed and another one answered. */
  readonly fallback: boolean;
  /** No model answered but the local cloud's stand-in for one. */
  readonly standIn: boolean;
  /** Summed over all calls that this answer took; zeros where the model did not count. */
  readonly usage: TokenUsage;
  /** What the ledger counts for it, over all calls. The worst case where the truth cannot be known. */
  readonly costNano: NanoDollars;
  /** The gateway answered from its cache. */
  readonly cached: boolean;
  /** The entry in the gateway's log, when it keeps one: `env.AI.gateway(id).getLog(logId)`. */
  readonly logId: string | undefined;
}

/** An answer that arrives in parts. Read `text` to its end, or cancel it. */
export interface AiStream {
  /** Known when the model begins. */
  readonly model: string;
  readonly fallback: boolean;
  readonly standIn: boolean;
  /** The parts of the answer. Settled before the last part is given out; fails with an AiError when the answer is cut. */
  readonly text: ReadableStream<string>;
  /** The whole of it, once `text` has ended. Rejects when the stream is cut or cancelled. */
  readonly answer: Promise<AiAnswer<string>>;
}

/** A picture to be made. */
export interface ImageRequest extends CallOptions {
  readonly prompt: string;
  /** 1 to 8. @default 4 */
  readonly steps?: number;
}

/** Asks models, within the budget. Every method throws an AiError, or the caller's signal's reason. */
export interface AiClient {
  text(question: AiQuestion): Promise<AiAnswer<string>>;
  /** Asks for JSON; an answer that does not fit is shown to the model once for repair, as a call of its own. */
  structured<T>(question: AiQuestion, shape: AnswerShape<T>): Promise<AiAnswer<T>>;
  /** Resolves when the model begins to answer, so that an error before that can still have its status. */
  stream(question: AiQuestion): Promise<AiStream>;
  /** One vector a text, in their order. In batches of 100, each a call of its own; the first that fails ends it. */
  embed(texts: readonly string[], options?: CallOptions): Promise<AiAnswer<number[][]>>;
  /** The bytes of a JPEG of 1024 × 1024 pixels. */
  image(request: ImageRequest): Promise<AiAnswer<Uint8Array<ArrayBuffer>>>;
}
