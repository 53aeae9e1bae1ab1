import { AiError } from "./ai-error.ts";
import { type AnswerShape, checkAnswer } from "./answer-shape.ts";
import type { AiAnswer, AiQuestion, Message } from "./contract.ts";
import { conversation } from "./conversation.ts";

/** Asks once: a conversation, and the JSON Schema that the answer has to fit. */
export type Ask = (
  messages: readonly Message[],
  question: AiQuestion,
  jsonSchema: object,
) => Promise<AiAnswer<unknown>>;

/** Asks for JSON that fits the shape; shows the model once what was wrong. @throws AiError */
export async function askStructured<T>(ask: Ask, question: AiQuestion, shape: AnswerShape<T>): Promise<AiAnswer<T>> {
  const messages = conversation({
    ...question,
    system: `${question.system}\nAnswer with one JSON value and nothing else. It must fit this JSON Schema:\n${JSON.stringify(shape.jsonSchema)}`,
  });
  const first = await ask(messages, question, shape.jsonSchema);
  const checked = checkAnswer(first.value, shape);
  if (checked.ok) return { ...first, value: checked.value };

  const repair = `That is not valid: ${checked.problems.slice(0, 10).join("; ")}. Answer again with the corrected JSON only.`;
  const second = await ask(
    [...messages, { role: "assistant", content: asText(first.value) }, { role: "user", content: repair }],
    { ...question, ...(question.callId !== undefined && { callId: `${question.callId}:repair` }) },
    shape.jsonSchema,
  );
  const rechecked = checkAnswer(second.value, shape);
  if (!rechecked.ok) {
    throw new AiError("invalid_answer", `${second.model}: ${rechecked.problems.slice(0, 5).join("; ")}`);
  }
  return {
    ...second,
    value: rechecked.value,
    usage: {
      inputTokens: first.usage.inputTokens + second.usage.inputTokens,
      outputTokens: first.usage.outputTokens + second.usage.outputTokens,
    },
    costNano: first.costNano + second.costNano,
    cached: first.cached && second.cached,
  };
}

function asText(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}
