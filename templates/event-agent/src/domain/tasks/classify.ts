import { zodShape } from "@tenner/worker-kit/ai";
import * as z from "zod";
import { MATERIAL_RULE, material, type Task } from "./task.ts";

export const ClassifyInput = z
  .strictObject({
    text: z.string().trim().min(1).max(200_000),
    labels: z
      .array(z.string().trim().min(1).max(100))
      .min(2)
      .max(50)
      .refine((labels) => new Set(labels).size === labels.length, "labels must differ"),
    instructions: z.string().max(2_000).optional().describe("What the labels mean."),
  })
  .meta({ id: "ClassifyInput" });

export const ClassifyOutput = z
  .object({ label: z.string().describe("One of the labels given."), why: z.string() })
  .meta({ id: "ClassifyOutput" });

/** One label for a text, out of those that the caller gives. */
export const classify: Task<z.infer<typeof ClassifyInput>, z.infer<typeof ClassifyOutput>> = {
  input: ClassifyInput,
  output: ClassifyOutput,
  run(input, { ai, ...limits }) {
    return ai.structured(
      {
        ...limits,
        temperature: 0,
        system: `You classify texts. Choose the one label that fits best and say why in one short sentence. ${input.instructions ?? ""} ${MATERIAL_RULE}`,
        prompt: `Labels: ${JSON.stringify(input.labels)}\n${material("text", input.text)}`,
      },
      zodShape(z.object({ label: z.enum(input.labels), why: z.string().max(1_000).default("") })),
    );
  },
};
