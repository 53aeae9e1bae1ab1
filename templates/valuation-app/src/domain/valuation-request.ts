import * as z from "zod";
import { CATEGORY_NAMES } from "./category.ts";
import { readDescription } from "./description.ts";

/** What somebody sends, from the form or over the API. */
export const ValuationRequest = z.strictObject({
  description: z
    .string({ error: "Describe what you own: a few words are enough." })
    .transform((raw, context) => {
      const read = readDescription(raw);
      if (read.ok) return read.text;
      context.issues.push({ code: "custom", message: read.problem, input: raw });
      return z.NEVER;
    })
    .describe("1 to 4,000 characters, with at least one letter or number"),
  category: z.enum(CATEGORY_NAMES, { error: "Choose what kind of thing it is." }),
});
export type ValuationRequest = z.infer<typeof ValuationRequest>;
