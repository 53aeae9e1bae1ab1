import type { ChatCompletion, ChatCompletionChunk } from "@tenner/worker-kit/ai/relay";

/** A stream's chunks from a whole answer: of each choice its text at once, then why it ended; last the usage. */
export function chunksOf(completion: ChatCompletion): ChatCompletionChunk[] {
  const { id, created, model, choices, usage } = completion;
  const chunk = (part: Pick<ChatCompletionChunk, "choices" | "usage">): ChatCompletionChunk => ({
    id,
    created,
    model,
    object: "chat.completion.chunk",
    ...part,
  });
  return [
    ...choices.flatMap(({ index, message, finish_reason }) => {
      const calls = message.tool_calls?.map((call, place) => ({ index: place, ...call }));
      const delta = { role: "assistant" as const, content: message.content, ...(calls && { tool_calls: calls }) };
      return [
        chunk({ choices: [{ index, delta, finish_reason: null }] }),
        chunk({ choices: [{ index, delta: {}, finish_reason }] }),
      ];
    }),
    ...(usage ? [chunk({ choices: [], usage })] : []),
  ];
}

/** The whole answer from a stream's chunks. @throws RangeError without any */
export function completionOf(chunks: readonly ChatCompletionChunk[]): ChatCompletion {
  const [first] = chunks;
  if (!first) throw new RangeError("a stream without chunks is no answer");
  const choices = new Map<number, GatheredChoice>();
  for (const each of chunks.flatMap((chunk) => chunk.choices ?? [])) gather(choices, each);
  const usage = chunks.findLast((chunk) => chunk.usage)?.usage;
  return {
    id: first.id,
    object: "chat.completion",
    created: first.created,
    model: first.model,
    choices: [...choices.values()]
      .toSorted((one, other) => one.index - other.index)
      .map(({ index, text, refusal, calls, reason }) => ({
        index,
        logprobs: null,
        finish_reason: reason ?? "stop",
        message: {
          role: "assistant",
          content: text === "" && calls.size > 0 ? null : text,
          refusal: refusal === "" ? null : refusal,
          ...(calls.size > 0 && { tool_calls: [...calls.values()] }),
        },
      })),
    ...(usage && { usage }),
  };
}

interface GatheredChoice {
  readonly index: number;
  text: string;
  refusal: string;
  readonly calls: Map<number, { id: string; type: "function"; function: { name: string; arguments: string } }>;
  reason: ChatCompletion["choices"][number]["finish_reason"] | null;
}

function gather(
  choices: Map<number, GatheredChoice>,
  { index, delta, finish_reason }: ChatCompletionChunk["choices"][number],
): void {
  const choice = choices.get(index) ?? { index, text: "", refusal: "", calls: new Map(), reason: null };
  choices.set(index, choice);
  choice.text += delta?.content ?? "";
  choice.refusal += delta?.refusal ?? "";
  choice.reason = finish_reason ?? choice.reason;
  for (const piece of delta?.tool_calls ?? []) {
    const call = choice.calls.get(piece.index) ?? { id: "", type: "function", function: { name: "", arguments: "" } };
    choice.calls.set(piece.index, call);
    call.id ||= piece.id ?? "";
    call.function.name += piece.function?.name ?? "";
    call.function.arguments += piece.function?.arguments ?? "";
  }
}
