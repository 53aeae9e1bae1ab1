import * as z from "zod";

/** Where a batch's items come from: the column `source` of its row. */
export const BatchSource = z.object({
  kind: z.enum(["json", "ndjson", "csv", "url"]),
  /** The source's object in R2; of a `url` it is there once the load chore has fetched it. */
  key: z.string(),
  /** The address of a `url`. */
  url: z.string().nullable(),
  /** Null until it is there. */
  bytes: z.int().min(0).nullable(),
  /** Of the bytes that the caller sent, hexadecimal: tells whether an Idempotency-Key came with the same items. */
  sha256: z.string().nullable(),
});
export type BatchSource = z.infer<typeof BatchSource>;
