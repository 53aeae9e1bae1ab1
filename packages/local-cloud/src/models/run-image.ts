import * as z from "zod";
import type { CatalogModel } from "./catalog.ts";
import type { PictureQuestion } from "./landscape.ts";
import type { CallFacts } from "./model-call.ts";
import { workersAiUsage } from "./model-price.ts";
import { parseInput } from "./parse-input.ts";
import { type RawAnswer, rawJson } from "./raw-answer.ts";
import type { Thread } from "./thread.ts";

/** JPEGs from prompts. */
export type Painter = Thread<PictureQuestion, Uint8Array>;

/** @see https://developers.cloudflare.com/workers-ai/models/flux-1-schnell/ */
const ImageInput = z.object({
  prompt: z.string().min(1).max(2048),
  steps: z.int().min(1).max(8).default(4),
  seed: z.int().default(0),
});

/** Pixels, as Flux makes them. */
const SIDE = 1024;
/** Pixels of a tile's side: the unit of its price. */
const TILE = 512;

/** Makes a picture as `env.AI.run` does: `{image}`, a JPEG in base64. @throws {AiError} 5004 */
export async function runImage(
  painter: Painter,
  model: CatalogModel,
  inputs: unknown,
  facts: CallFacts,
): Promise<RawAnswer> {
  const { prompt, steps, seed } = parseInput(ImageInput, inputs);
  const image = await painter.ask({ prompt, seed, width: SIDE, height: SIDE });
  const tiles = (SIDE / TILE) ** 2;
  facts.onUsage?.(workersAiUsage(model.name, 0, 0, tiles * (model.tilePrice ?? 0) + steps * (model.stepPrice ?? 0)));
  return rawJson({ image: Buffer.from(image).toString("base64") }, { "x-stand-in": "landscape" });
}
