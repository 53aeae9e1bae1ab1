import { countTokens, type TextModel } from "./text-model.ts";

/** The same model, whose answers end before the first stop sequence of their request. */
export function stopsAtSequences(text: TextModel): TextModel {
  return {
    async complete(request, signal) {
      const answer = await text.complete(request, signal);
      const found = firstOf(request.stop, answer.text);
      if (!found) return answer;
      const said = answer.text.slice(0, found.at);
      const completion_tokens = countTokens(said);
      const { prompt_tokens } = answer.usage;
      const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
      return { ...answer, text: said, finishReason: "stop", stopSequence: found.sequence, usage };
    },

    async *stream(request, signal) {
      const { stop } = request;
      if (!stop?.length) return yield* text.stream(request, signal);
      // What may be the beginning of a stop sequence is held back until it is clear.
      const held = Math.max(...stop.map(({ length }) => length)) - 1;
      let rest = "";
      let ended: Found | undefined;
      for await (const part of text.stream(request, signal)) {
        if (part.type !== "text") {
          if (!ended && rest !== "") yield { type: "text", text: rest };
          rest = "";
          yield ended && part.type === "end" ? { ...part, finishReason: "stop", stopSequence: ended.sequence } : part;
          continue;
        }
        if (ended) continue;
        rest += part.text;
        ended = firstOf(stop, rest);
        const sure = ended ? rest.slice(0, ended.at) : rest.slice(0, Math.max(0, rest.length - held));
        rest = ended ? "" : rest.slice(sure.length);
        if (sure !== "") yield { type: "text", text: sure };
      }
    },
  };
}

interface Found {
  sequence: string;
  /** Where it begins. */
  at: number;
}

/** The sequence that comes first, if any does. */
function firstOf(stop: readonly string[] | undefined, text: string): Found | undefined {
  return (stop ?? [])
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)[0];
}
