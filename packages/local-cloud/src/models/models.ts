import type { Faults } from "../core/faults.ts";
import { modelDeprecated, noSuchModel } from "./ai-error.ts";
import { type CatalogModel, findModel } from "./catalog.ts";
import { type ModelFaults, modelFaults } from "./model-faults.ts";
import type { Painter } from "./run-image.ts";
import { type SentenceEncoder, sentenceEncoder } from "./sentence-encoder.ts";
import type { InstalledModel } from "./smollm2/installed-model.ts";
import { SMOLLM2_NAME, smollm2Text } from "./smollm2/smollm2-text.ts";
import { standInText } from "./stand-in-text.ts";
import { callsTools } from "./stand-in-tools.ts";
import { stopsAtSequences } from "./stop-sequences.ts";
import type { TextModel } from "./text-model.ts";
import { thread } from "./thread.ts";
import { upstreamText } from "./upstream.ts";

/** The models of the cloud, whoever asks: Workers AI's binding and REST API, and AI Gateway. */
export interface Models extends ModelFaults {
  /** Whether texts come from the stand-in. They then carry the header `x-stand-in`. */
  readonly standIn: boolean;
  /** The real, small model that texts come from, whatever model is asked for: the header `x-local-model`. */
  readonly localModel?: string;
  /** What makes embeddings, whatever model is asked for. */
  readonly encoder: SentenceEncoder;
  /** What makes pictures. */
  readonly painter: Painter;
  /** @throws {AiError} 5007 unknown, or none of this task; 5028 deprecated. */
  find(name: string, task?: CatalogModel["task"]): CatalogModel;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What {@link createModels} needs. */
export interface ModelsOptions {
  faults: Faults;
  /** An OpenAI-compatible server (`http://127.0.0.1:11434/v1`). Absent: the stand-in answers. */
  upstreamUrl?: string;
  /** A model on this machine's disk that answers in place of the stand-in. */
  textModel?: InstalledModel;
  /** How long a model may take, in ms. @default 60000 */
  timeout?: number;
}

/** Models that fail on purpose where a fault is set for them. */
export function createModels({ faults, upstreamUrl, textModel, timeout = 60_000 }: ModelsOptions): Models {
  const local = textModel && smollm2Text({ arguments: [textModel.weights, textModel.runtime], silence: timeout });
  const other = () =>
    upstreamUrl === undefined
      ? stopsAtSequences(callsTools(standInText()))
      : upstreamText({ url: upstreamUrl, timeout });
  // A model this small does not call tools well: rules choose the tool, the model writes the text.
  const text: TextModel = local ? callsTools(local) : other();
  const encoder = sentenceEncoder();
  const painter: Painter = thread(new URL("./picture-thread.ts", import.meta.url));
  return {
    ...modelFaults(faults, text, timeout),
    standIn: upstreamUrl === undefined && local === undefined,
    ...(local && { localModel: SMOLLM2_NAME }),
    encoder,
    painter,
    find(name, task) {
      const model = findModel(name);
      if (!model) throw noSuchModel(name);
      if (model.deprecated) throw modelDeprecated(model.deprecated);
      if (task !== undefined && model.task !== task) throw noSuchModel(name);
      return model;
    },
    async close() {
      await Promise.all([encoder.close(), painter.close(), local?.close()]);
    },
  };
}
