import type OpenAI from "openai";
import { stoppableTimeout } from "../stoppable-timeout.ts";
import { AiError } from "./ai-error.ts";
import {
  type AnswerSource,
  type ChatCall,
  type ChatContext,
  chatQuery,
  NO_USAGE,
  openChat,
  readSource,
  settleChat,
  usageOf,
} from "./chat.ts";
import type { AiAnswer, AiQuestion, AiStream, Message } from "./contract.ts";
import type { TokenUsage } from "./cost.ts";
import { raced } from "./race.ts";

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** Asks the route for an answer in parts; resolves when the model begins. @throws AiError */
export async function askStream(
  context: ChatContext,
  messages: readonly Message[],
  question: AiQuestion,
): Promise<AiStream> {
  const query = {
    ...chatQuery(context, messages, question),
    stream: true as const,
    stream_options: { include_usage: true },
  };
  const call = await openChat(context, messages, question, query);
  const reader = await beginStream(context, call, query);
  const { text, answer } = readParts(context, call, question, reader);
  const { model, fallback, standIn } = reader.source;
  return { model, fallback, standIn, text, answer };
}

/** An answer that has begun to arrive. */
export interface StreamReader {
  readonly parts: AsyncIterator<Chunk>;
  readonly first: IteratorResult<Chunk>;
  /** Ends the answer's body. */
  readonly body: AbortController;
  readonly source: AnswerSource;
  /** Real time, ms. */
  readonly beganAt: number;
}

/** Sends a call that is reserved; resolves with its first part, or ends it in the ledger. @throws AiError */
export async function beginStream(
  context: ChatContext,
  call: ChatCall,
  query: OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming,
): Promise<StreamReader> {
  // The time to the first part is the route's; from then on each part has its own.
  const begin = call.time.signal;
  const body = new AbortController();
  const stop = () => body.abort(begin.reason);
  begin.addEventListener("abort", stop, { once: true });
  try {
    const request = context.openai.chat.completions.create(query, { headers: call.headers, signal: body.signal });
    const { data, response } = await raced(request.withResponse(), begin);
    const parts = data[Symbol.asyncIterator]();
    const first = await raced(parts.next(), begin);
    const source = readSource(context, response.headers, first.done ? undefined : first.value.model);
    return { parts, first, body, source, beganAt: Date.now() };
  } catch (cause) {
    throw await call.fail(cause);
  } finally {
    begin.removeEventListener("abort", stop);
    call.time.stop();
  }
}

/** Gives out the parts one behind, so that the call is settled before its reader has the last one and can leave. */
function readParts(context: ChatContext, call: ChatCall, question: AiQuestion, reader: StreamReader) {
  const idleMs = longestSilence(context);
  const { promise: answer, resolve, reject } = Promise.withResolvers<AiAnswer<string>>();
  // Whoever reads only the parts has met the failure there.
  answer.catch(() => {});
  let next: IteratorResult<Chunk> | undefined = reader.first;
  let held: string | undefined;
  let whole = "";
  let usage: TokenUsage | undefined;
  let finished = false;

  /** The next piece of text, or undefined at the end. */
  async function readText(): Promise<string | undefined> {
    for (;;) {
      const result = next ?? (await nextPart(reader, idleMs, question));
      next = undefined;
      if (result.done) return undefined;
      usage = usageOf(result.value.usage) ?? usage;
      const choice = result.value.choices?.[0];
      if (choice?.finish_reason) finished = true;
      if (choice?.delta?.content) return choice.delta.content;
    }
  }

  const text = new ReadableStream<string>(
    {
      async pull(controller) {
        try {
          held ??= await readText();
          const following = held === undefined ? undefined : await readText();
          if (following === undefined) {
            if (!finished) throw new AiError("model_unavailable", `${reader.source.model} broke off its answer`);
            const costNano = await settleChat(context, call, reader.source, usage, reader.beganAt);
            if (held !== undefined) controller.enqueue(held);
            whole += held ?? "";
            const { place: _, ...source } = reader.source;
            resolve({
              ...source,
              standIn: source.standIn || whole.includes("[stand-in]"),
              value: whole,
              usage: usage ?? NO_USAGE,
              costNano,
            });
            controller.close();
            return;
          }
          if (held !== undefined) controller.enqueue(held);
          whole += held ?? "";
          held = following;
        } catch (cause) {
          reader.body.abort(cause);
          await call.metered.settleAtWorst(reader.source.model || context.models[0].model);
          const error = question.signal?.aborted ? question.signal.reason : cutOff(cause, reader.source.model);
          reject(error);
          controller.error(error);
        }
      },
      async cancel(reason) {
        reader.body.abort(reason);
        await call.metered.settleAtWorst(reader.source.model || context.models[0].model);
        reject(new AiError("model_unavailable", "the answer was cancelled by its reader", { cause: reason }));
      },
    },
    // Nothing is read ahead of the reader beyond the part that is held.
    { highWaterMark: 0 },
  );
  return { text, answer };
}

/** Milliseconds that an answer may pause in its middle. */
export function longestSilence({ models }: ChatContext): number {
  return Math.max(...models.map((model) => model.timeoutMs));
}

/** The next part. @throws DOMException `TimeoutError` after `idleMs` without one; the signal's own reason */
export function nextPart(
  reader: StreamReader,
  idleMs: number,
  { signal }: Pick<AiQuestion, "signal">,
): Promise<IteratorResult<Chunk>> {
  const { signal: idle, stop } = stoppableTimeout(idleMs);
  return raced(reader.parts.next(), signal ? AbortSignal.any([idle, signal]) : idle).finally(stop);
}

/** Names what broke an answer in its middle. */
export function cutOff(cause: unknown, model: string): AiError {
  if (cause instanceof AiError) return cause;
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new AiError("timeout", `${model} fell silent in the middle of its answer`, { cause });
  }
  return new AiError("model_unavailable", `${model}: the answer was cut off`, { cause });
}
