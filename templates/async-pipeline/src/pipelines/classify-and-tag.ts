import * as z from "zod";
import { MATERIAL_RULE, material } from "../steps/material.ts";
import { ask } from "../steps/step.ts";
import { pipeline } from "./pipeline.ts";

const Item = z.strictObject({
  id: z.string().max(200).optional().describe("Yours; it comes back with the result."),
  text: z.string().trim().min(1).max(20_000),
});

const Options = z.strictObject({
  labels: z
    .array(z.string().trim().min(1).max(100))
    .min(2)
    .max(50)
    .refine((labels) => new Set(labels).size === labels.length, "labels must differ")
    .default(["positive", "neutral", "negative"]),
  most_tags: z.int().min(0).max(20).default(5),
  instructions: z.string().max(2_000).default("").describe("What the labels mean."),
});

const Answer = (labels: readonly string[]) =>
  z.object({
    label: z.enum(labels),
    tags: z.array(z.string().trim().min(1).max(60)).max(50).default([]),
  });

const Result = z.object({ id: z.string().optional(), label: z.string(), tags: z.array(z.string()) });

/** One label out of a list and a few tags for each short text; up to ten texts share a question. */
export const classifyAndTag = pipeline({
  name: "classify-and-tag",
  description: "One label out of your list and a few tags for each text.",
  item: Item,
  options: Options,
  result: Result,
}).last(
  ask({
    name: "classify",
    share: { items: 10, bytes: 12_000 },
    maxOutputTokens: 160,
    temperature: 0,
    instructions: ({ labels, most_tags, instructions }) =>
      `You sort texts. Choose the one label that fits best out of ${JSON.stringify(labels)}, and at most ${most_tags} short tags in lower case that name what the text is about. ${instructions} ${MATERIAL_RULE}`,
    material: (item) => material("text", item.text),
    answer: ({ labels }) => Answer(labels),
    output: ({ label, tags }, { id }, { most_tags }) => ({
      ...(id !== undefined && { id }),
      label,
      tags: [...new Set(tags.map((tag) => tag.toLowerCase()))].slice(0, most_tags),
    }),
  }),
);
