import { callsAsText, countUsage, type TextPart, type TextRequest, type Usage } from "./text-model.ts";

/**
 * The same parts, with their usage told once: as the model says at its end, or counted from what came until the stream
 * broke or its reader left.
 */
export async function* measured(
  parts: AsyncIterable<TextPart>,
  request: TextRequest,
  signal: AbortSignal,
  report: (usage: Usage) => void,
): AsyncIterable<TextPart> {
  let text = "";
  let told = false;
  const tell = (usage: Usage) => {
    if (!told) report(usage);
    told = true;
  };
  const left = () => tell(countUsage(request.messages, text));
  let began = false;
  try {
    for await (const part of parts) {
      // Not before the first part: what fails until then is an error, not an answer.
      if (!began) signal.addEventListener("abort", left, { once: true });
      began = true;
      if (part.type === "end") tell(part.usage);
      else text += part.type === "text" ? part.text : callsAsText([part.call]);
      yield part;
    }
  } finally {
    signal.removeEventListener("abort", left);
    if (began) left();
  }
}
