import * as z from "zod";

/** What people say of a log later; what is left out stays. */
export const LogPatch = z.object({
  /** 1 good, -1 or 0 bad. */
  feedback: z.union([z.literal(-1), z.literal(0), z.literal(1)]).nullish(),
  score: z.number().min(0).max(100).nullish(),
  /** Replaces what the call said. */
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .refine((metadata) => Object.keys(metadata).length <= 5, { error: "has at most 5 entries" })
    .nullish(),
});
export type LogPatch = z.infer<typeof LogPatch>;
