import { pathToFileURL } from "node:url";

/** A token's number in the model's vocabulary. */
export type Token = number;

/** The part of `node-llama-cpp` that is used. The package is installed on request, so its own types are not at hand. */
export interface LlamaModule {
  getLlama(options: { gpu: false; build: "never"; logLevel: "error"; maxThreads: number }): Promise<Llama>;
  LlamaGrammarEvaluationState: new (options: { model: LlamaModel; grammar: LlamaGrammar }) => object;
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  getGrammarFor(type: "json"): Promise<LlamaGrammar>;
  createGrammarForJsonSchema(schema: object): Promise<LlamaGrammar>;
}

/** A grammar that the answer is held to. */
type LlamaGrammar = object;

export interface LlamaModel {
  /** @param specialTokens whether `<|im_start|>` and the like are read as tokens of their own */
  tokenize(text: string, specialTokens: boolean): Token[];
  detokenize(tokens: readonly Token[], specialTokens?: boolean, lastTokens?: readonly Token[]): string;
  createContext(options: { contextSize: number; threads: number }): Promise<{ getSequence(): LlamaSequence }>;
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): Promise<void>;
  /** Ends by itself at the model's end-of-answer token. */
  evaluate(
    tokens: Token[],
    options: {
      temperature: number;
      seed?: number;
      grammarEvaluationState?: object;
      repeatPenalty?: { punishTokens: () => Token[]; penalty: number };
    },
  ): AsyncGenerator<Token, void, void>;
}

/** Loads the package from the folder that it was installed into. */
export async function importLlama(runtimeFolder: string): Promise<LlamaModule> {
  const entry = pathToFileURL(`${runtimeFolder}/node_modules/node-llama-cpp/dist/index.js`);
  // The version is pinned, and the test with the real model holds these types to it.
  return (await import(entry.href)) as LlamaModule;
}
