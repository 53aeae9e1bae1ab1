import {
  type AiError,
  invalidInput,
  modelFailed,
  modelTimeout,
  notEmulatedByModels,
  outOfCapacity,
} from "../ai-error.ts";
import { callsAsText, type TextAnswer, type TextModel, type TextPart, type TextRequest } from "../text-model.ts";
import { grammarSchema } from "./grammar-schema.ts";
import { SilenceError } from "./inbox.ts";
import { type AnswerPart, modelRunner, RunnerEndedError } from "./runner-process.ts";
import { turnQueue } from "./turn-queue.ts";

/** The model's full name, in the header `x-local-model` of its answers. */
export const SMOLLM2_NAME = "SmolLM2-135M-Instruct";

/** How the model's process is started and when it is given up. Times in ms. */
export interface Smollm2Options {
  /** Arguments of the script: the weights' file and the folder of `node-llama-cpp`. */
  arguments: readonly string[];
  /** @default the one that runs the model */
  script?: URL;
  /** Without a sign of life for so long it hangs. @default 60000 */
  silence?: number;
  /** How long it may take to stop an answer. @default 2000 */
  grace?: number;
  /** How many calls may wait beside the one that is answered. @default 16 */
  places?: number;
}

/** A text model in a process of its own. */
export interface Smollm2Text extends TextModel {
  /** The process that runs the model, while there is one. */
  pid(): number | undefined;
  /** Ends the process. */
  close(): Promise<void>;
}

/** Workers AI's own, where a call names none. */
const DEFAULT_TEMPERATURE = 0.6;

/** SmolLM2 as a text model. Nothing is started before the first call; one call is answered at a time. */
export function smollm2Text(options: Smollm2Options): Smollm2Text {
  const runner = modelRunner({
    script: options.script ?? new URL("./runner.ts", import.meta.url),
    arguments: options.arguments,
    silence: options.silence ?? 60_000,
    grace: options.grace ?? 2000,
  });
  const turns = turnQueue(options.places ?? 16);

  async function* stream(request: TextRequest, signal: AbortSignal): AsyncGenerator<TextPart, void, void> {
    const endTurn = await turns.take(signal).catch((cause: unknown) => {
      throw translate(cause, request.model, signal);
    });
    if (!endTurn) throw outOfCapacity(request.model);
    try {
      for await (const part of runner.ask(questionOf(request), signal)) yield partOf(part);
    } catch (cause) {
      throw translate(cause, request.model, signal);
    } finally {
      endTurn();
    }
  }

  return {
    pid: () => runner.pid(),
    close: () => runner.close(),
    stream,
    async complete(request, signal): Promise<TextAnswer> {
      let text = "";
      for await (const part of stream(request, signal)) {
        if (part.type === "end") return { text, finishReason: part.finishReason, usage: part.usage };
        if (part.type === "text") text += part.text;
      }
      throw modelFailed(`${SMOLLM2_NAME} broke its answer off`);
    },
  };
}

/** @throws {AiError} 7501 where tools are to be called */
function questionOf(request: TextRequest) {
  const { maxTokens, temperature = DEFAULT_TEMPERATURE, format, stop = [], seed, tools = [], toolChoice } = request;
  if (tools.length > 0 && toolChoice !== "none") throw notEmulatedByModels(`tool calling by ${SMOLLM2_NAME}`);
  const messages = request.messages.map(({ role, content, toolCalls = [] }) => ({
    role,
    content: content + callsAsText(toolCalls),
  }));
  const question = {
    messages,
    maxTokens,
    temperature,
    stop: stop.filter(Boolean),
    ...(seed !== undefined && { seed }),
  };
  switch (format.type) {
    case "text":
      return question;
    case "json_object":
      return { ...question, grammar: { type: "json" as const } };
    case "json_schema":
      return { ...question, grammar: { type: "schema" as const, schema: grammarSchema(format.schema) } };
  }
}

function partOf(part: AnswerPart): TextPart {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "failed":
      throw part.reason === "input" ? invalidInput(part.message) : modelFailed(`${SMOLLM2_NAME}: ${part.message}`);
    case "end": {
      const { finishReason, promptTokens, completionTokens } = part;
      const total_tokens = promptTokens + completionTokens;
      return {
        type: "end",
        finishReason,
        usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens },
      };
    }
  }
}

function translate(cause: unknown, model: string, signal: AbortSignal): unknown {
  if (cause instanceof SilenceError || signal.aborted) return withCause(modelTimeout(model), cause);
  if (!(cause instanceof RunnerEndedError)) return cause;
  return modelFailed(`the process of ${SMOLLM2_NAME} ${cause.message}; the next call starts it again`, { cause });
}

function withCause(error: AiError, cause: unknown): AiError {
  error.cause = cause;
  return error;
}
