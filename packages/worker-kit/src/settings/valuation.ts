import * as z from "zod";

const Reappraisal = z.strictObject({
  /** Days after which a model is asked again what a followed thing is worth. */
  everyDays: z.int().min(1).max(365).default(7),
  /** The part of `budget.monthlyUsd` that this may cost, 0 to 1; 0: nothing is appraised again. */
  budgetShare: z.number().min(0).max(1).default(0.1),
  /** Valuations that one owner may follow. */
  mostPerOwner: z.int().min(1).max(1_000).default(25),
});

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
  /** How followed things are appraised again, in the background. */
  reappraisal: Reappraisal.prefault({}),
});
