import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Faults } from "../core/faults.ts";
import { AiError, modelDeprecated, modelFailed, modelTimeout, noSuchModel, notEmulatedByModels } from "./ai-error.ts";
import { type CatalogModel, findModel } from "./catalog.ts";
import { standInText } from "./stand-in-text.ts";
import type { TextAnswer, TextModel, TextPart, TextRequest } from "./text-model.ts";
import { upstreamText } from "./upstream.ts";

/** The models of the cloud, whoever asks: Workers AI's binding and REST API, and AI Gateway. */
export interface Models {
  /** Whether answers come from the stand-in. They then carry the header `x-stand-in`. */
  readonly standIn: boolean;
  /** @throws {AiError} 5007 unknown, 5028 deprecated, 7501 known but not emulated. */
  find(name: string): CatalogModel;
  complete(request: TextRequest, signal: AbortSignal): Promise<TextAnswer>;
  stream(request: TextRequest, signal: AbortSignal): AsyncIterable<TextPart>;
}

/** What {@link createModels} needs. */
export interface ModelsOptions {
  faults: Faults;
  /** An OpenAI-compatible server (`http://127.0.0.1:11434/v1`). Absent: the stand-in answers. */
  upstreamUrl?: string;
  /** How long a model may take, in ms. @default 60000 */
  timeout?: number;
}

/** Models that fail on purpose where a fault is set for them. */
export function createModels({ faults, upstreamUrl, timeout = 60_000 }: ModelsOptions): Models {
  const text: TextModel = upstreamUrl === undefined ? standInText() : upstreamText({ url: upstreamUrl, timeout });
  return {
    standIn: upstreamUrl === undefined,
    find(name) {
      const model = findModel(name);
      if (!model) throw noSuchModel(name);
      if (model.deprecated) throw modelDeprecated(model.deprecated);
      if (model.task !== "Text Generation") throw notEmulatedByModels(`model ${name} (${model.task})`);
      return model;
    },
    async complete(request, signal) {
      const fault = faults.take("workers-ai", request.model);
      await suffer(fault, request.model, timeout, signal);
      const answer = await text.complete(request, signal);
      return fault?.kind === "garbage" ? { ...answer, text: GARBAGE } : answer;
    },
    async *stream(request, signal) {
      const fault = faults.take("workers-ai", request.model);
      await suffer(fault, request.model, timeout, signal);
      for await (const part of text.stream(request, signal)) {
        yield fault?.kind === "garbage" && part.type === "text" ? { type: "text", text: GARBAGE } : part;
      }
    },
  };
}

/** Neither JSON nor an answer. */
const GARBAGE = '}{ "\u0000\uFFFD lorem <|eot|> ][';

async function suffer(fault: Fault | undefined, model: string, timeout: number, signal: AbortSignal): Promise<void> {
  switch (fault?.kind) {
    case "fail":
      if (fault.status === undefined && fault.code === undefined) throw modelFailed(`fault set for ${model}`);
      throw new AiError(fault.status ?? 500, fault.code ?? 3043, `fault set for ${model}`);
    case "unreachable":
      throw modelFailed(`fault set for ${model}: the model cannot be reached`);
    case "hang":
      await sleep(fault.ms ?? timeout, undefined, { signal });
      throw modelTimeout(model);
    case "slow":
      await sleep(fault.ms ?? 1000, undefined, { signal });
  }
}
