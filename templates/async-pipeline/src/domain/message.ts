import * as z from "zod";

/** A message of the items queue: items that are released together and share their questions. Their payloads are in R2. */
export const ItemMessage = z.object({
  tenant: z.string(),
  batchId: z.string(),
  positions: z.array(z.int().min(0)).min(1).max(100),
  /** The fence: items that were released again since then are not this message's any more. */
  release: z.int().min(1),
});
export type ItemMessage = z.infer<typeof ItemMessage>;

/** A message of the chores queue: work on a batch as a whole. */
export const ChoreMessage = z.discriminatedUnion("kind", [
  /** Its upload becomes rows. */
  z.object({ kind: z.literal("load"), batchId: z.string() }),
  /** Its end is told to whoever asked for it. */
  z.object({ kind: z.literal("notify"), batchId: z.string() }),
  /** Everything of it is removed. */
  z.object({ kind: z.literal("remove"), batchId: z.string() }),
]);
export type ChoreMessage = z.infer<typeof ChoreMessage>;
