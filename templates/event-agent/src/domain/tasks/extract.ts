import { jsonSchemaShape } from "@tenner/worker-kit/ai";
import { JsonSchema } from "@tenner/worker-kit/json-schema";
import * as z from "zod";
import { MATERIAL_RULE, material, type Task } from "./task.ts";

const ObjectSchema = JsonSchema.refine((schema) => schema.type === "object", {
  path: ["type"],
  message: 'the schema\'s own type must be "object"',
});

export const ExtractInput = z
  .strictObject({
    text: z.string().trim().min(1).max(200_000),
    schema: ObjectSchema,
  })
  .meta({ id: "ExtractInput" });

export const ExtractOutput = z
  .object({ data: z.unknown().describe("Fits the schema that was given.") })
  .meta({ id: "ExtractOutput" });

/** Facts out of a text, in the form of a JSON Schema that the caller gives. The answer is checked against it. */
export const extract: Task<z.infer<typeof ExtractInput>, z.infer<typeof ExtractOutput>> = {
  input: ExtractInput,
  output: ExtractOutput,
  async run(input, { ai, ...limits }) {
    const answer = await ai.structured(
      {
        ...limits,
        temperature: 0,
        system: `You extract facts from texts. Take only what the text says; invent nothing. ${MATERIAL_RULE}`,
        prompt: material("text", input.text),
      },
      jsonSchemaShape(input.schema),
    );
    return { ...answer, value: { data: answer.value } };
  },
};
