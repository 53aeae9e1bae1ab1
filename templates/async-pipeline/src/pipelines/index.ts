import { classifyAndTag } from "./classify-and-tag.ts";
import { emailSequence } from "./email-sequence.ts";
import type { Pipeline } from "./pipeline.ts";
import { productDescriptions } from "./product-descriptions.ts";
import { summariseDocuments } from "./summarise-documents.ts";

/** Every pipeline there is. To add one: a file in this folder, and a line here. */
export const PIPELINES: readonly Pipeline[] = [summariseDocuments, productDescriptions, classifyAndTag, emailSequence];

/** A pipeline by name. */
export function findPipeline(name: string): Pipeline | undefined {
  return PIPELINES.find((pipeline) => pipeline.name === name);
}
