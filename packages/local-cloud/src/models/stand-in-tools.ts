import { createHash } from "node:crypto";
import { contentWords } from "./rank-sentences.ts";
import { conversationOf } from "./stand-in-conversation.ts";
import { answerInJson } from "./stand-in-json.ts";
import { callsAsText, countUsage, type TextModel, type TextRequest, type Tool, type ToolCall } from "./text-model.ts";

/**
 * The same model, with calls of tools made by plain rules: the tool that must be called, or the one whose name and
 * description share words with the question. Its arguments fit its schema, with values from the question.
 */
export function callsTools(text: TextModel): TextModel {
  return {
    async complete(request, signal) {
      const call = callFor(request);
      if (!call) return text.complete(request, signal);
      const usage = countUsage(request.messages, callsAsText([call]));
      return { text: "", toolCalls: [call], finishReason: "tool_calls", usage };
    },
    async *stream(request, signal) {
      const call = callFor(request);
      if (!call) return yield* text.stream(request, signal);
      yield { type: "tool_call", call };
      const usage = countUsage(request.messages, callsAsText([call]));
      yield { type: "end", finishReason: "tool_calls", usage };
    },
  };
}

function callFor(request: TextRequest): ToolCall | undefined {
  const tool = toolFor(request);
  if (!tool) return undefined;
  const { instruction, subject } = conversationOf(request.messages);
  const { name } = tool;
  const parameters = { type: "object", properties: {}, ...tool.parameters };
  const values = JSON.stringify(answerInJson({ instruction, subject, context: "" }, parameters));
  // The same question makes the same call; its place in the conversation keeps ids apart.
  const id = createHash("sha256").update(`${request.messages.length}\n${name}\n${values}`).digest("hex").slice(0, 24);
  return { id: `call_${id}`, name, arguments: values };
}

function toolFor({ tools = [], toolChoice = "auto", messages }: TextRequest): Tool | undefined {
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  const question = contentWords(messages.findLast(({ role }) => role === "user")?.content ?? "");
  const [best] = tools
    .map((tool) => ({ tool, score: scoreOf(tool, question) }))
    .sort((one, other) => other.score - one.score);
  if (toolChoice === "required") return best?.tool;
  // A result is there already: it is time to answer.
  if (messages.at(-1)?.role === "tool") return undefined;
  return best && best.score >= FITS ? best.tool : undefined;
}

/** A word of the name, or two of the description. */
const FITS = 2;
/** Words in the names of tools that say nothing of their purpose. */
const EMPTY = new Set("get set fetch make run call use tool function api data value".split(" "));

function scoreOf({ name, description }: Tool, question: readonly string[]): number {
  const own = wordsOf(name);
  const told = contentWords(description).filter((word) => !EMPTY.has(word) && !own.includes(word));
  const shared = (words: readonly string[]) =>
    new Set(words.filter((word) => question.some((one) => alike(one, word))));
  return 2 * shared(own).size + shared(told).size;
}

const wordsOf = (name: string) =>
  contentWords(name.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ")).filter((word) => !EMPTY.has(word));

/** Whether two words differ in their ending at most. */
function alike(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  return one === other || (length >= 5 && one.slice(0, length) === other.slice(0, length));
}
