import { eventStream, namedEvent } from "./event-stream.ts";
import { messagesInput } from "./messages-input.ts";
import { parseOr } from "./model-answer.ts";
import type { CallFacts } from "./model-call.ts";
import type { RawAnswer } from "./raw-answer.ts";
import type { TextDialect } from "./text-dialect.ts";
import { countUsage, type TextAnswer, type TextPart, type TextRequest, type ToolCall } from "./text-model.ts";

/** Anthropic's Messages API. @see https://docs.anthropic.com/en/api/messages */
export const messagesDialect: TextDialect = { input: messagesInput, answer: messageOf, stream: messageStream };

const STOP_REASONS = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" } as const;

/** Why an answer ended. */
const stopOf = ({ finishReason, stopSequence }: Pick<TextAnswer, "finishReason" | "stopSequence">) => ({
  stop_reason: stopSequence === undefined ? STOP_REASONS[finishReason] : "stop_sequence",
  stop_sequence: stopSequence ?? null,
});

function messageOf(request: TextRequest, answer: TextAnswer, facts: CallFacts) {
  const calls = answer.toolCalls ?? [];
  return {
    ...frame(request, facts),
    content: [
      ...(answer.text !== "" || calls.length === 0 ? [{ type: "text", text: answer.text }] : []),
      ...calls.map((call) => ({ ...callBlock(call), input: parseOr(call.arguments) })),
    ],
    ...stopOf(answer),
    usage: { input_tokens: answer.usage.prompt_tokens, output_tokens: answer.usage.completion_tokens },
  };
}

/** A message that has not begun. */
const frame = ({ model }: TextRequest, { id }: CallFacts) => ({
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
  model,
  content: [] as unknown[],
  stop_reason: null,
  stop_sequence: null,
});

const callBlock = ({ id, name }: ToolCall) => ({ type: "tool_use", id, name, input: {} });

function messageStream(request: TextRequest, parts: AsyncIterable<TextPart>, facts: CallFacts): Promise<RawAnswer> {
  let index = -1;
  let open = false;
  let begun = false;

  const begin = () => {
    if (begun) return [];
    begun = true;
    const usage = { input_tokens: countUsage(request.messages, "").prompt_tokens, output_tokens: 0 };
    return [namedEvent("message_start", { message: { ...frame(request, facts), usage } })];
  };
  const openBlock = (content_block: object) => namedEvent("content_block_start", { index: ++index, content_block });
  const delta = (value: object) => namedEvent("content_block_delta", { index, delta: value });
  const close = () => {
    const events = open ? [namedEvent("content_block_stop", { index })] : [];
    open = false;
    return events;
  };

  return eventStream({
    parts,
    render(part) {
      const events = begin();
      if (part.type === "text") {
        if (!open) events.push(openBlock({ type: "text", text: "" }));
        open = true;
        return [...events, delta({ type: "text_delta", text: part.text })];
      }
      events.push(...close());
      if (part.type === "tool_call") {
        const block = openBlock(callBlock(part.call));
        open = true;
        return [...events, block, delta({ type: "input_json_delta", partial_json: part.call.arguments }), ...close()];
      }
      const { prompt_tokens, completion_tokens } = part.usage;
      return [
        ...events,
        namedEvent("message_delta", {
          delta: stopOf(part),
          usage: { input_tokens: prompt_tokens, output_tokens: completion_tokens },
        }),
        namedEvent("message_stop", {}),
      ];
    },
  });
}
