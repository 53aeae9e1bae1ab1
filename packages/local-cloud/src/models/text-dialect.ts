import type { CatalogModel } from "./catalog.ts";
import { measured } from "./measured.ts";
import type { CallFacts } from "./model-call.ts";
import { type RawAnswer, rawJson } from "./raw-answer.ts";
import type { TextAnswer, TextModel, TextPart, TextRequest, Usage } from "./text-model.ts";

/** One API that text models are asked through: how it asks, and how it answers. */
export interface TextDialect {
  /** @throws {AiError} 5004 */
  input(model: string, body: unknown): { request: TextRequest; stream: boolean };
  answer(request: TextRequest, answer: TextAnswer, facts: CallFacts): unknown;
  /** Server-sent events. What fails before the first part is thrown. */
  stream(request: TextRequest, parts: AsyncIterable<TextPart>, facts: CallFacts): Promise<RawAnswer>;
}

/** One call of a text model. */
export interface TextCall {
  text: TextModel;
  dialect: TextDialect;
  model: Pick<CatalogModel, "name">;
  body: unknown;
  facts: CallFacts;
  signal: AbortSignal;
  report: (usage: Usage) => void;
}

/** Runs a text model through a dialect. The answer is raw: JSON, or server-sent events. @throws {AiError} */
export async function runText({ text, dialect, model, body, facts, signal, report }: TextCall): Promise<RawAnswer> {
  const { request, stream } = dialect.input(model.name, body);
  if (stream) {
    return dialect.stream(request, measured(text.stream(request, signal), request, signal, report), facts);
  }
  const answer = await text.complete(request, signal);
  report(answer.usage);
  return rawJson(dialect.answer(request, answer, facts));
}
