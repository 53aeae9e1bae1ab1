import { type ChatRequest, wantsJson } from "../openai/chat-request.ts";

/** What routing looks at of a request. */
export interface RequestFacts {
  /** Of the whole conversation. */
  readonly characters: number;
  readonly messages: number;
  /** Tokens that the answer may have. */
  readonly outputTokens: number;
  readonly tools: boolean;
  readonly json: boolean;
  readonly jsonSchema: boolean;
  /** The last question has program text in it. */
  readonly code: boolean;
  /** The last question as its words in lower case, one blank around each: ` what is a cdn `. */
  readonly words: string;
}

/** Reads a request for routing. */
export function factsOf(request: ChatRequest, outputTokens: number): RequestFacts {
  const last = request.messages.findLast(({ role }) => role === "user");
  const question = last ? textOf(last) : "";
  // Without rules nobody asks for them, and a question may be long.
  let code: boolean | undefined;
  let words: string | undefined;
  return {
    get characters() {
      return request.messages.reduce((sum, message) => sum + textOf(message).length, 0);
    },
    messages: request.messages.length,
    outputTokens,
    tools: (request.tools?.length ?? 0) > 0,
    json: wantsJson(request),
    jsonSchema: request.response_format?.type === "json_schema",
    get code() {
      code ??= hasCode(question);
      return code;
    },
    get words() {
      words ??= wordsOf(question);
      return words;
    },
  };
}

/** A text's words in lower case, with one blank around each; a phrase is in it when its words are, in a row. */
export function wordsOf(text: string): string {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+(?:['’_+#.-]*[\p{L}\p{N}+#]+)*/gu);
  return ` ${(words ?? []).join(" ")} `;
}

function textOf({ content }: ChatRequest["messages"][number]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text).join("\n");
}

/** A line as programs have it and prose has not. */
const CODE_LINE =
  /^\s*(?:(?:import|export|from|def|class|function|func|fn|const|let|var|public|private|return|if|for|while|#include|package|using|SELECT|INSERT|UPDATE|CREATE)\b.*[({:;=*]|[}\])]+[;,]?$|\/\/|<\/?[a-z][\w-]*[ >]|[\w.[\]]+(?:\(.*\))?;$|[\w.]+ *[:+-]?= *\S+;?$)/;

/** A fenced block, or at least two lines of a program. */
function hasCode(text: string): boolean {
  if (text.includes("```")) return true;
  let lines = 0;
  for (const line of text.split("\n")) {
    // A line that is longer is data; none is looked at for long.
    if (line.length <= 400 && CODE_LINE.test(line) && ++lines === 2) return true;
  }
  return false;
}
