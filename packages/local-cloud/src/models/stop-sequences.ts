import { countTokens, type TextModel } from "./text-model.ts";

/** The same model, whose answers end before the first stop sequence of their request. */
export function stopsAtSequences(text: TextModel): TextModel {
  return {
    async complete(request, signal) {
      const answer = await text.complete(request, signal);
      const end = firstOf(request.stop, answer.text);
      if (end < 0) return answer;
      const said = answer.text.slice(0, end);
      const completion_tokens = countTokens(said);
      const { prompt_tokens } = answer.usage;
      const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
      return { ...answer, text: said, finishReason: "stop", usage };
    },

    async *stream(request, signal) {
      const { stop } = request;
      if (!stop?.length) return yield* text.stream(request, signal);
      // What may be the beginning of a stop sequence is held back until it is clear.
      const held = Math.max(...stop.map(({ length }) => length)) - 1;
      let rest = "";
      let ended = false;
      for await (const part of text.stream(request, signal)) {
        if (part.type !== "text") {
          if (!ended && rest !== "") yield { type: "text", text: rest };
          rest = "";
          yield ended && part.type === "end" ? { ...part, finishReason: "stop" } : part;
          continue;
        }
        if (ended) continue;
        rest += part.text;
        const end = firstOf(stop, rest);
        ended = end >= 0;
        const sure = ended ? rest.slice(0, end) : rest.slice(0, Math.max(0, rest.length - held));
        rest = ended ? "" : rest.slice(sure.length);
        if (sure !== "") yield { type: "text", text: sure };
      }
    },
  };
}

/** Where the first of the sequences begins, or -1. */
function firstOf(stop: readonly string[] | undefined, text: string): number {
  const places = (stop ?? []).map((sequence) => text.indexOf(sequence)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}
