import * as z from "zod";

/** A blob or index may be text or bytes; bytes are kept as base64. */
const Blob = z
  .union([z.string(), z.array(z.int().min(0).max(255)), z.null()])
  .transform((blob) => (Array.isArray(blob) ? Buffer.from(blob).toString("base64") : blob));

const bytesOf = (blobs: readonly (string | null)[]) =>
  blobs.reduce((sum, blob) => sum + Buffer.byteLength(blob ?? ""), 0);

/**
 * A data point as `writeDataPoint` takes it. `timestamp` in ms; absent: now.
 *
 * @see https://developers.cloudflare.com/analytics/analytics-engine/limits/
 */
export const Point = z.object({
  dataset: z.string().min(1),
  indexes: z
    .array(Blob)
    .max(1, "at most one index")
    .refine((indexes) => bytesOf(indexes) <= 96, "an index has at most 96 bytes")
    .default([]),
  blobs: z
    .array(Blob)
    .max(20, "at most 20 blobs")
    .refine((blobs) => bytesOf(blobs) <= 16_384, "all blobs together have at most 16 KB")
    .default([]),
  doubles: z.array(z.number().nullable()).max(20, "at most 20 doubles").default([]),
  timestamp: z.number().optional(),
});
export type Point = z.infer<typeof Point>;
