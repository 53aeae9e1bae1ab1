import type { Clock } from "../core/clock.ts";
import { findModel } from "./catalog.ts";
import { findForeignModel } from "./foreign-catalog.ts";
import type { CallFacts, ModelCall } from "./model-call.ts";
import type { Models } from "./models.ts";
import type { RawAnswer } from "./raw-answer.ts";
import { runForeign } from "./run-foreign.ts";
import { runNative, runOpenAi } from "./run-model.ts";

export type { ModelCall, ModelUsage } from "./model-call.ts";

/**
 * Everything that runs a model, whoever asks: Workers AI's binding and REST API, and AI Gateway. Answers have
 * the provider's own shape; JSON has the content type `application/json` and nothing after it.
 */
export interface Inference {
  /** As `env.AI.run` and `/ai/run/{model}` do: any task, Workers AI's own shape. @throws {AiError} */
  run(call: ModelCall, model: string, inputs: unknown): Promise<RawAnswer>;
  /** Workers AI below `/ai/v1/`: `chat/completions`, `embeddings`, `responses`, `messages`. @throws {AiError} */
  openai(call: ModelCall, endpoint: string, body: unknown): Promise<RawAnswer>;
  /**
   * Another provider's own API, e.g. `openai` with `chat/completions`, `anthropic` with `v1/messages`.
   *
   * @throws {ProviderError} the provider's refusal, in its own shape; {AiError} 7501 for what is not there.
   */
  foreign(call: ModelCall, provider: string, endpoint: string, body: unknown): Promise<RawAnswer>;
  /** Whether `provider` has a model of this name: what a dynamic route may name. */
  knows(provider: string, model: string): boolean;
  /** Ends the threads that models run in. */
  close(): Promise<void>;
}

/** Neurons that an account may use. */
export interface NeuronAllowance {
  /** @throws {AiError} 3036 when they are used up. */
  check(accountId: string): void;
  count(accountId: string, neurons: number): void;
}

/** What {@link createInference} needs. */
export interface InferenceOptions {
  models: Models;
  clock: Clock;
  /** @default without limit */
  allowance?: NeuronAllowance;
}

/** The models of the cloud. */
export function createInference({ models, clock, allowance }: InferenceOptions): Inference {
  const facts = (call: ModelCall): CallFacts => ({
    id: call.id,
    now: clock.now(),
    onUsage(usage) {
      if (usage.neurons > 0) allowance?.count(call.accountId, usage.neurons);
      call.onUsage?.(usage);
    },
  });
  return {
    async run(call, model, inputs) {
      allowance?.check(call.accountId);
      return runNative(models, model, inputs, facts(call), call.signal);
    },
    async openai(call, endpoint, body) {
      allowance?.check(call.accountId);
      return runOpenAi(models, endpoint, body, facts(call), call.signal);
    },
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
