import * as z from "zod";
import { checkJsonSchema, type JsonSchema } from "./json-schema.ts";

/** Every way in which a question to a model can fail. */
export type AiErrorCode = "budget_exhausted" | "rate_limited" | "model_unavailable" | "invalid_answer" | "timeout";

/** A question that got no usable answer. */
export class AiError extends Error {
  override readonly name = "AiError";
  readonly code: AiErrorCode;
  /** False when the same question would fail the same way again. */
  readonly retryable: boolean;
  /** Milliseconds to wait before another attempt, when the model or the budget named them. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: AiErrorCode,
    message: string,
    extra: { retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: extra.cause });
    this.code = code;
    this.retryable = extra.retryable ?? code !== "invalid_answer";
    this.retryAfterMs = extra.retryAfterMs;
  }
}

/** One question. */
export interface AiQuestion {
  readonly system: string;
  readonly prompt: string;
  /** @default 1024 */
  readonly maxOutputTokens?: number;
  /** 0 to 2. @default the model's own */
  readonly temperature?: number;
  /** Ends the call; the rejection is then the signal's own reason. */
  readonly signal?: AbortSignal;
}

/** What a structured answer has to look like, and how that is checked. */
export interface AnswerShape<T> {
  readonly jsonSchema: object;
  check(value: unknown): { ok: true; value: T } | { ok: false; problems: readonly string[] };
}

/** An answer and where it came from. */
export interface AiAnswer<T> {
  readonly value: T;
  readonly model: string;
  /** The primary model failed and another one answered. */
  readonly fallback: boolean;
  /** No model answered but the local cloud's stand-in for one. */
  readonly standIn: boolean;
  /** Summed over all calls that this answer took. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** Asks models. The way to them (binding now, gateway and ledger later) stays behind this interface. */
export interface AiClient {
  /** @throws AiError */
  text(question: AiQuestion): Promise<AiAnswer<string>>;
  /** Asks for JSON; an answer that does not fit is shown to the model once for repair. @throws AiError */
  structured<T>(question: AiQuestion, shape: AnswerShape<T>): Promise<AiAnswer<T>>;
}

/** What the client needs of a Worker. */
export interface AiClientOptions {
  readonly binding: Pick<Ai, "run">;
  readonly models: { readonly primary: string; readonly fallback: string };
  /** Milliseconds that one call of one model may take. */
  readonly timeoutMs: number;
}

/** An AI client over the Worker's AI binding: the primary model, then the fallback. */
export function aiClient(options: AiClientOptions): AiClient {
  async function ask(messages: readonly Message[], question: AiQuestion, jsonSchema?: object): Promise<RawAnswer> {
    const models = [...new Set([options.models.primary, options.models.fallback])];
    const failures: AiError[] = [];
    for (const model of models) {
      try {
        return { ...(await callModel(options, model, messages, question, jsonSchema)), fallback: failures.length > 0 };
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
      const text = typeof answer.content === "string" ? answer.content.trim() : JSON.stringify(answer.content);
      if (text === "") throw new AiError("invalid_answer", `${answer.model} answered nothing`, { retryable: true });
      return { ...answer, value: text };
    },

    async structured(question, shape) {
      const messages = conversation({
        ...question,
        system: `${question.system}\nAnswer with one JSON value and nothing else. It must fit this JSON Schema:\n${JSON.stringify(shape.jsonSchema)}`,
      });
      const first = await ask(messages, question, shape.jsonSchema);
      const checked = checkAnswer(first.content, shape);
      if (checked.ok) return { ...first, value: checked.value };

      const repair = `That is not valid: ${checked.problems.slice(0, 10).join("; ")}. Answer again with the corrected JSON only.`;
      const second = await ask(
        [...messages, { role: "assistant", content: asText(first.content) }, { role: "user", content: repair }],
        question,
        shape.jsonSchema,
      );
      const rechecked = checkAnswer(second.content, shape);
      if (!rechecked.ok) {
        throw new AiError("invalid_answer", `${second.model}: ${rechecked.problems.slice(0, 5).join("; ")}`);
      }
      const usage = {
        inputTokens: first.usage.inputTokens + second.usage.inputTokens,
        outputTokens: first.usage.outputTokens + second.usage.outputTokens,
      };
      return { ...second, usage, value: rechecked.value };
    },
  };
}

/** The shape of a zod schema. */
export function zodShape<T>(schema: z.ZodType<T>): AnswerShape<T> {
  return {
    jsonSchema: z.toJSONSchema(schema, { io: "input" }),
    check(value) {
      const result = schema.safeParse(value);
      if (result.success) return { ok: true, value: result.data };
      return { ok: false, problems: result.error.issues.map((issue) => `/${issue.path.join("/")} ${issue.message}`) };
    },
  };
}

/** The shape of a caller's JSON Schema. */
export function jsonSchemaShape(schema: JsonSchema): AnswerShape<unknown> {
  return {
    jsonSchema: schema,
    check(value) {
      const problems = checkJsonSchema(schema, value);
      return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
    },
  };
}

interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

interface ModelAnswer {
  readonly content: unknown;
  readonly model: string;
  readonly standIn: boolean;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}
type RawAnswer = ModelAnswer & { readonly fallback: boolean };

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
  options: AiClientOptions,
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

function conversation(question: AiQuestion): Message[] {
  return [
    { role: "system", content: question.system },
    { role: "user", content: question.prompt },
  ];
}

function checkAnswer<T>(content: unknown, shape: AnswerShape<T>): ReturnType<AnswerShape<T>["check"]> {
  if (typeof content !== "string") return shape.check(content);
  const json = findJson(content);
  return json.found ? shape.check(json.value) : { ok: false, problems: ["the answer is not JSON"] };
}

/** Models like to wrap JSON in a fence or a sentence: takes the text from its first bracket to its last. */
function findJson(text: string): { found: true; value: unknown } | { found: false } {
  const start = text.search(/[[{]/);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  for (const candidate of [text, start >= 0 && end > start ? text.slice(start, end + 1) : ""]) {
    try {
      return { found: true, value: JSON.parse(candidate) };
    } catch {
      // Not this one; the caller learns when none was.
    }
  }
  return { found: false };
}

function asText(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}
