import * as z from "zod";

/** Of the valuation-app. */
export const Valuation = z.strictObject({
  /** Seconds a model's answer is given again for the same description. Estimates are never kept. */
  answerTtlSeconds: z.int().min(60).max(2_592_000).default(3_600),
  /** Seconds a picture is shown again for the same description, before a new one is made. */
  pictureTtlSeconds: z.int().min(60).max(2_592_000).default(86_400),
  /** Whether pictures are made; without them the page draws the rosette of the description's fingerprint. */
  pictures: z.boolean().default(true),
  /** Milliseconds that somebody waits for the models, and for the picture, before the estimate is given. */
  patienceMs: z.int().min(100).max(120_000).default(25_000),
  /** Submissions per visitor's address and minute, per Cloudflare location. */
  submissionsPerMinute: z.int().min(1).max(10_000).default(30),
});
