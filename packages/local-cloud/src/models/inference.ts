import type { Clock } from "../core/clock.ts";
import { findModel } from "./catalog.ts";
import { findForeignModel } from "./foreign-catalog.ts";
import type { CallFacts, ModelCall } from "./model-call.ts";
import type { Models } from "./models.ts";
import { runForeign } from "./run-foreign.ts";
import { runNative, runOpenAi } from "./run-model.ts";

export type { ModelCall, ModelUsage } from "./model-call.ts";

/**
 * Everything that runs a model, whoever asks: Workers AI's binding and REST API, and AI Gateway. Answers are raw
 * responses in the provider's own shape; JSON has the content type `application/json` and nothing after it.
 */
export interface Inference {
  /** As `env.AI.run` and `/ai/run/{model}` do: any task, Workers AI's own shape. @throws {AiError} */
  run(call: ModelCall, model: string, inputs: unknown): Promise<Response>;
  /** Workers AI below `/ai/v1/`: `chat/completions`, `embeddings`, `responses`, `messages`. @throws {AiError} */
  openai(call: ModelCall, endpoint: string, body: unknown): Promise<Response>;
  /**
   * Another provider's own API, e.g. `openai` with `chat/completions`, `anthropic` with `v1/messages`.
   *
   * @throws {ProviderError} the provider's refusal, in its own shape; {AiError} 7501 for what is not there.
   */
  foreign(call: ModelCall, provider: string, endpoint: string, body: unknown): Promise<Response>;
  /** Whether `provider` has a model of this name: what a dynamic route may name. */
  knows(provider: string, model: string): boolean;
  /** Ends the threads that models run in. */
  close(): Promise<void>;
}

/** The models of the cloud. */
export function createInference({ models, clock }: { models: Models; clock: Clock }): Inference {
  const facts = (call: ModelCall): CallFacts => ({
    id: call.id,
    now: clock.now(),
    onUsage: (usage) => call.onUsage?.(usage),
  });
  return {
    run: (call, model, inputs) => runNative(models, model, inputs, facts(call), call.signal),
    openai: (call, endpoint, body) => runOpenAi(models, endpoint, body, facts(call), call.signal),
    foreign: (call, provider, endpoint, body) =>
      runForeign(models, {
        provider,
        endpoint,
        body,
        hasKey: call.hasKey ?? true,
        facts: facts(call),
        signal: call.signal,
      }),
    knows(provider, model) {
      if (provider !== "workers-ai") return findForeignModel(provider, model) !== undefined;
      return findModel(model)?.deprecated === null;
    },
    close: () => models.close(),
  };
}
