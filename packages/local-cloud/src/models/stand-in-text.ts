import { conversationOf } from "./stand-in-conversation.ts";
import { answerInJson } from "./stand-in-json.ts";
import { reply } from "./stand-in-reply.ts";
import { countTokens, countUsage, type TextAnswer, type TextModel, type TextRequest } from "./text-model.ts";

/** How every free-text answer of the stand-in begins, so that nobody takes it for a model's. */
const STAND_IN_MARK = "[stand-in] ";

/**
 * Stands in for a text model where none is there: the same question always gets the same answer, made by plain rules
 * from the question's own words (extracts, labels, values found by name). It says so in its answer.
 */
export function standInText(): TextModel {
  return {
    complete: async (request) => answer(request),
    async *stream(request) {
      const { text, finishReason, usage } = answer(request);
      for (const [piece] of text.matchAll(/\s*\S+/g)) yield { type: "text", text: piece };
      yield { type: "end", finishReason, usage };
    },
  };
}

function answer(request: TextRequest): TextAnswer {
  const conversation = conversationOf(request.messages);
  const whole =
    request.format.type === "text"
      ? STAND_IN_MARK + reply(conversation)
      : JSON.stringify(answerInJson(conversation, request.format.type === "json_schema" ? request.format.schema : {}));
  const text = cut(whole, request.maxTokens);
  return {
    text,
    finishReason: text.length < whole.length ? "length" : "stop",
    usage: countUsage(request.messages, text),
  };
}

/** As a model would, the stand-in stops in the middle of a word when its tokens are used up. */
function cut(text: string, maxTokens: number): string {
  if (countTokens(text) <= maxTokens) return text;
  let end = Math.min(text.length, maxTokens * 4);
  while (end > 0 && countTokens(text.slice(0, end)) > maxTokens) end--;
  return text.slice(0, end).replace(/[\uD800-\uDBFF]$/, "");
}
