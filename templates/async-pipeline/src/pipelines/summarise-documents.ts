import { extractText } from "@tenner/worker-kit/extract-text";
import * as z from "zod";
import { MATERIAL_RULE, material } from "../steps/material.ts";
import { splitText } from "../steps/split-text.ts";
import { askEach, BadInput, compute } from "../steps/step.ts";
import { pipeline } from "./pipeline.ts";

const Item = z.strictObject({
  id: z.string().max(200).optional().describe("Yours; it comes back with the result."),
  title: z.string().max(500).optional(),
  text: z.string().min(1).describe("The document: plain text, Markdown or HTML."),
  format: z.enum(["text", "html"]).optional().describe("Left out: HTML when it looks like it."),
});

const Options = z.strictObject({
  words: z.int().min(20).max(500).default(120).describe("About how long a summary may be."),
  language: z.string().min(2).max(40).optional().describe("Left out: the document's own."),
});

const Result = z.object({
  id: z.string().optional(),
  title: z.string().optional(),
  summary: z.string(),
  characters: z.int().min(0).describe("Of the document's text."),
  parts: z.int().min(1).describe("That it was read in."),
});

/** Characters of a part: about 3,000 tokens, which every model reads well. */
const PART = 12_000;
const MOST_PARTS = 40;

/** A summary of each document; long ones are read in parts whose summaries become one. */
export const summariseDocuments = pipeline({
  name: "summarise-documents",
  description: "A summary of each document: text taken out, split where it is long, summarised and put together.",
  item: Item,
  options: Options,
  result: Result,
})
  .step(
    compute("extract", (item) => {
      const text = extractText(item.text, item.format);
      if (text === "") throw new BadInput("the document holds no text");
      return { item, text };
    }),
  )
  .step(
    compute("split", ({ item, text }) => {
      const parts = splitText(text, PART);
      if (parts.length > MOST_PARTS) {
        throw new BadInput(
          `the document has ${text.length} characters; at most ${PART * MOST_PARTS} can be summarised`,
        );
      }
      return { item, characters: text.length, parts };
    }),
  )
  .step(
    askEach({
      name: "summarise",
      maxOutputTokens: 700,
      instructions: ({ words, language }) =>
        `You summarise documents, or one part of a long one. Write one paragraph of at most ${words} words in ${language ?? "the document's own language"}. Say only what it says. ${MATERIAL_RULE}`,
      materials: ({ item, parts }) =>
        parts.map((part, index) => {
          const title = item.title === undefined ? "" : `${material("title", item.title)}\n`;
          const place = parts.length === 1 ? "" : `Part ${index + 1} of ${parts.length}.\n`;
          return `${title}${place}${material("document", part)}`;
        }),
      output: (summaries, { item, characters }) => ({ item, characters, summaries }),
    }),
  )
  .last(
    askEach({
      name: "combine",
      maxOutputTokens: 700,
      instructions: ({ words, language }) =>
        `You are given the summaries of a document's parts, in their order. Make one summary of the whole document out of them: one paragraph of at most ${words} words in ${language ?? "their own language"}. ${MATERIAL_RULE}`,
      // The summary of the only part is the document's.
      materials: ({ summaries }) => (summaries.length === 1 ? [] : [material("summaries", summaries.join("\n\n"))]),
      output: ([combined], { item, characters, summaries }) => ({
        ...(item.id !== undefined && { id: item.id }),
        ...(item.title !== undefined && { title: item.title }),
        summary: combined ?? summaries[0] ?? "",
        characters,
        parts: summaries.length,
      }),
    }),
  );
