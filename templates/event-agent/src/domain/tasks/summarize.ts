import * as z from "zod";
import { MATERIAL_RULE, material, type Task } from "./task.ts";

export const SummarizeInput = z
  .strictObject({
    text: z.string().trim().min(1).max(200_000),
    max_words: z.int().min(10).max(1_000).default(120).describe("About how long the summary may be."),
    style: z.enum(["paragraph", "bullets"]).default("paragraph"),
    language: z.string().min(2).max(40).optional().describe("The language to write in. Default: that of the text."),
  })
  .meta({ id: "SummarizeInput" });

export const SummarizeOutput = z.object({ summary: z.string() }).meta({ id: "SummarizeOutput" });

/** A text in fewer words. */
export const summarize: Task<z.infer<typeof SummarizeInput>, z.infer<typeof SummarizeOutput>> = {
  input: SummarizeInput,
  output: SummarizeOutput,
  async run(input, { ai, ...limits }) {
    const form =
      input.style === "bullets"
        ? "three to seven short bullet points, each on a line that begins with “- ”"
        : "one paragraph";
    const answer = await ai.text({
      ...limits,
      temperature: 0.2,
      system: `You summarize texts. Write ${form}, at most ${input.max_words} words, in ${input.language ?? "the text's own language"}. Say only what the text says. ${MATERIAL_RULE}`,
      prompt: material("text", input.text),
    });
    return { ...answer, value: { summary: answer.value } };
  },
};
