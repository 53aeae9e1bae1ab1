import { availableParallelism } from "node:os";
import process from "node:process";
import { answerText } from "./answer-text.ts";
import { importLlama, type Llama, type LlamaModel, type LlamaModule, type LlamaSequence, type Token } from "./llama.ts";
import { type Ask, type FromRunner, ToRunner } from "./runner-protocol.ts";

// The process that runs the model: `node runner.ts <weights> <folder of node-llama-cpp>`, spoken to over IPC.
// A process of its own can be ended when native code hangs, and its crash is not the cloud's.

/** Tokens of prompt and answer together. The model was trained on 8,192; half of it saves 90 MB of memory. */
const CONTEXT_SIZE = 4096;

/**
 * Half of the cores. The threads wait for each other in a busy loop, so one that gets no core stops all: with as many
 * threads as cores an answer takes seconds, once another program works, and with more it takes minutes.
 */
const THREADS = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));

/**
 * What the model is told when nobody told it anything. Not the sentence of its own chat template: with that one, and
 * these weights, it does not know the capital of France.
 */
const DEFAULT_SYSTEM = "You are a helpful assistant.";

/** Tokens of a prompt that are read between two signs of life, and between two looks at whether to stop. */
const SLICE = 256;

interface Loaded {
  module: LlamaModule;
  llama: Llama;
  model: LlamaModel;
  sequence: LlamaSequence;
}

const [weights = "", runtime = ""] = process.argv.slice(2);
let aborted: number | undefined;
let queue = Promise.resolve();

// Ctrl-C in a terminal reaches this process too, but when it ends is the cloud's decision.
process.on("SIGINT", () => {});
// The cloud is gone, killed perhaps: nobody will ask again. To exit tidily takes native code a second, or for ever.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
const loaded = await load();
process.on("message", (message) => {
  const parsed = ToRunner.parse(message);
  if (parsed.type === "abort") aborted = parsed.id;
  else queue = queue.then(() => answer(loaded, parsed));
});
send({ type: "ready" });

async function load(): Promise<Loaded> {
  const module = await importLlama(runtime);
  const llama = await module.getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: THREADS });
  const model = await llama.loadModel({ modelPath: weights });
  const context = await model.createContext({ contextSize: CONTEXT_SIZE, threads: THREADS });
  return { module, llama, model, sequence: context.getSequence() };
}

async function answer(loaded: Loaded, ask: Ask): Promise<void> {
  try {
    await generate(loaded, ask);
  } catch (error) {
    send({
      type: "failed",
      id: ask.id,
      reason: "model",
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

async function generate({ module, llama, model, sequence }: Loaded, ask: Ask): Promise<void> {
  const { id } = ask;
  const prompt = promptTokens(model, ask.messages);
  const room = CONTEXT_SIZE - prompt.length - 1;
  if (room < 1) {
    const message = `the prompt has ${prompt.length} tokens; prompt and answer together may have ${CONTEXT_SIZE}`;
    return send({ type: "failed", id, reason: "input", message });
  }
  const grammar =
    ask.grammar &&
    (ask.grammar.type === "json"
      ? await llama.getGrammarFor("json")
      : await llama.createGrammarForJsonSchema(ask.grammar.schema));
  const limit = Math.min(ask.maxTokens, room);
  const answered: Token[] = [];
  let unsent: Token[] = [];
  let finishReason: "stop" | "length" = "stop";
  const options = {
    temperature: ask.temperature,
    ...(ask.seed !== undefined && { seed: ask.seed }),
    // A small model falls into loops. A grammar needs its commas and quotes again and again, so there it may not help.
    ...(grammar
      ? { grammarEvaluationState: new module.LlamaGrammarEvaluationState({ model, grammar }) }
      : { repeatPenalty: { punishTokens: () => answered.slice(-64), penalty: 1.1 } }),
  };
  const shown = answerText(ask.stop, grammar !== undefined);
  await sequence.clearHistory();
  let read = 0;
  for (; prompt.length - read > SLICE && aborted !== id; read += SLICE) {
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(read, read + SLICE));
    send({ type: "progress", id });
  }
  for await (const token of aborted === id ? [] : sequence.evaluate(prompt.slice(read), options)) {
    if (aborted === id) break;
    answered.push(token);
    unsent.push(token);
    const text = model.detokenize(unsent, false, answered.slice(0, -unsent.length));
    // A character may be spread over several tokens: half of one is not sent.
    if (!text.endsWith("\uFFFD")) {
      const next = shown.add(text);
      if (next.text !== "") send({ type: "text", id, text: next.text });
      if (next.over) return end("stop");
      unsent = [];
    }
    if (answered.length >= limit) {
      finishReason = "length";
      break;
    }
  }
  if (shown.rest() !== "") send({ type: "text", id, text: shown.rest() });
  end(finishReason);

  function end(reason: "stop" | "length"): void {
    const completionTokens = answered.length;
    send({ type: "end", id, finishReason: reason, promptTokens: prompt.length, completionTokens });
  }
}

/** The conversation in the model's own form, ChatML. What people wrote is never read as a special token. */
function promptTokens(model: LlamaModel, messages: Ask["messages"]): Token[] {
  const system = messages[0]?.role === "system" ? [] : [{ role: "system" as const, content: DEFAULT_SYSTEM }];
  return [
    ...[...system, ...messages].flatMap(({ role, content }) => [
      ...model.tokenize(`<|im_start|>${role === "tool" ? "user" : role}\n`, true),
      ...model.tokenize(content, false),
      ...model.tokenize("<|im_end|>\n", true),
    ]),
    ...model.tokenize("<|im_start|>assistant\n", true),
  ];
}

function send(message: FromRunner): void {
  process.send?.(message);
}
