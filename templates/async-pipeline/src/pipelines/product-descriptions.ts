import * as z from "zod";
import { MATERIAL_RULE, material } from "../steps/material.ts";
import { ask } from "../steps/step.ts";
import { pipeline } from "./pipeline.ts";

const Item = z
  .looseObject({
    sku: z.union([z.string().max(200), z.number()]).optional(),
    name: z.string().trim().min(1).max(300),
  })
  .describe("A product: its name, and any further facts as columns or fields of their own.");

const Options = z.strictObject({
  tone: z.enum(["neutral", "friendly", "technical", "luxurious"]).default("neutral"),
  language: z.string().min(2).max(40).default("English"),
  words: z.int().min(10).max(200).default(60).describe("About how long a description may be."),
  instructions: z.string().max(2_000).default(""),
});

const Description = z.object({
  title: z.string().trim().min(1).max(200),
  description: z.string().trim().min(1).max(4_000),
  bullets: z.array(z.string().trim().min(1).max(300)).max(10).default([]),
});

const Result = Description.extend({ sku: z.union([z.string(), z.number()]).optional() });

/** Title, description and selling points for each product of a catalogue; up to five products share a question. */
export const productDescriptions = pipeline({
  name: "product-descriptions",
  description: "Title, description and selling points for each product, from its facts alone.",
  item: Item,
  options: Options,
  result: Result,
}).last(
  ask({
    name: "describe",
    share: { items: 5, bytes: 10_000 },
    maxOutputTokens: 450,
    temperature: 0.4,
    instructions: ({ tone, language, words, instructions }) =>
      `You write for a shop's catalogue. For a product write a title, a description of at most ${words} words and up to five short selling points. Tone: ${tone}. Language: ${language}. Use the facts given and invent none. ${instructions} ${MATERIAL_RULE}`,
    material: (item) => material("product", JSON.stringify(item)),
    answer: () => Description,
    output: (description, { sku }) => ({ ...(sku !== undefined && { sku }), ...description }),
  }),
);
