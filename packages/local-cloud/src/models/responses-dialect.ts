import { eventStream, namedEvent } from "./event-stream.ts";
import type { CallFacts } from "./model-call.ts";
import type { RawAnswer } from "./raw-answer.ts";
import { responsesInput } from "./responses-input.ts";
import type { TextDialect } from "./text-dialect.ts";
import type { TextAnswer, TextPart, TextRequest, ToolCall, Usage } from "./text-model.ts";

/** OpenAI's Responses API. @see https://platform.openai.com/docs/api-reference/responses */
export const responsesDialect: TextDialect = {
  input: (model, body) => responsesInput(model, body),
  answer: responseOf,
  stream: responseStream,
};

function responseOf(request: TextRequest, answer: TextAnswer, facts: CallFacts) {
  const calls = answer.toolCalls ?? [];
  const output = [
    ...(answer.text !== "" || calls.length === 0 ? [messageItem(facts, answer.text, statusOf(answer))] : []),
    ...calls.map((call) => callItem(call, "completed")),
  ];
  return { ...frame(request, facts, statusOf(answer)), output, usage: usageOf(answer.usage) };
}

type Status = "in_progress" | "completed" | "incomplete";

const statusOf = ({ finishReason }: Pick<TextAnswer, "finishReason">): Status =>
  finishReason === "length" ? "incomplete" : "completed";

/** A response without its output. */
function frame(request: TextRequest, { id, now }: CallFacts, status: Status) {
  const [first] = request.messages;
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(now / 1000),
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: first?.role === "system" ? first.content : null,
    max_output_tokens: request.maxTokens,
    model: request.model,
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: request.temperature ?? 1,
    tool_choice:
      typeof request.toolChoice === "object"
        ? { type: "function", ...request.toolChoice }
        : (request.toolChoice ?? "auto"),
    tools: (request.tools ?? []).map((tool) => ({ type: "function", ...tool })),
    metadata: {},
  };
}

const textContent = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });

const messageItem = ({ id }: CallFacts, text: string | undefined, status: Status) => ({
  type: "message",
  id: `msg_${id}`,
  status,
  role: "assistant",
  content: text === undefined ? [] : [textContent(text)],
});

const callItem = ({ id, name, arguments: values }: ToolCall, status: Status) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: status === "in_progress" ? "" : values,
  status,
});

const usageOf = ({ prompt_tokens, completion_tokens, total_tokens }: Usage) => ({
  input_tokens: prompt_tokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: completion_tokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens,
});

function responseStream(request: TextRequest, parts: AsyncIterable<TextPart>, facts: CallFacts): Promise<RawAnswer> {
  let sequence = 0;
  const event = (type: string, rest: object) => namedEvent(type, { sequence_number: sequence++, ...rest });
  let begun = false;
  let text: string | undefined;
  const calls: ToolCall[] = [];
  const place = { item_id: `msg_${facts.id}`, output_index: 0, content_index: 0 };

  const begin = () => {
    if (begun) return [];
    begun = true;
    const response = { ...frame(request, facts, "in_progress"), output: [], usage: null };
    return [event("response.created", { response }), event("response.in_progress", { response })];
  };
  const beginText = () => {
    if (text !== undefined) return [];
    text = "";
    return [
      event("response.output_item.added", { output_index: 0, item: messageItem(facts, undefined, "in_progress") }),
      event("response.content_part.added", { ...place, part: textContent("") }),
    ];
  };
  let textEnded = false;
  const endText = (status: Status) => {
    if (text === undefined || textEnded) return [];
    textEnded = true;
    return [
      event("response.output_text.done", { ...place, text, logprobs: [] }),
      event("response.content_part.done", { ...place, part: textContent(text) }),
      event("response.output_item.done", { output_index: 0, item: messageItem(facts, text, status) }),
    ];
  };
  const callEvents = (call: ToolCall) => {
    const output_index = calls.push(call) - 1 + (text === undefined ? 0 : 1);
    const at = { output_index, item_id: `fc_${call.id}` };
    return [
      event("response.output_item.added", { output_index, item: callItem(call, "in_progress") }),
      event("response.function_call_arguments.delta", { ...at, delta: call.arguments }),
      event("response.function_call_arguments.done", { ...at, name: call.name, arguments: call.arguments }),
      event("response.output_item.done", { output_index, item: callItem(call, "completed") }),
    ];
  };

  return eventStream({
    parts,
    render(part) {
      if (part.type === "text") {
        const before = [...begin(), ...beginText()];
        text += part.text;
        return [...before, event("response.output_text.delta", { ...place, delta: part.text, logprobs: [] })];
      }
      if (part.type === "tool_call") return [...begin(), ...endText("completed"), ...callEvents(part.call)];
      const before = [...begin(), ...(calls.length === 0 ? beginText() : []), ...endText(statusOf(part))];
      const answer = { ...part, text: text ?? "", toolCalls: calls };
      const response = responseOf(request, answer, facts);
      return [...before, event(`response.${statusOf(part)}`, { response })];
    },
  });
}
