import * as z from "zod";

/** What the edge cache counts, and how long that is kept. */
export const Analytics = z
  .strictObject({
    /** Hours for which counts are kept by the minute; then by the hour. */
    minutesKeptHours: z.int().min(1).max(336).default(48),
    /** Days for which they are kept by the hour; then by the day. */
    hoursKeptDays: z.int().min(1).max(400).default(60),
    /** Days for which they are kept at all. */
    daysKeptDays: z.int().min(1).max(3_650).default(400),
    /** Counts which questions are answered from the cache, and keeps their first 200 characters to show them. */
    topQuestions: z.boolean().default(false),
    /** Days for which those are kept. */
    questionsKeptDays: z.int().min(1).max(400).default(30),
  })
  .superRefine(({ minutesKeptHours, hoursKeptDays, daysKeptDays }, context) => {
    if (minutesKeptHours > hoursKeptDays * 24) {
      context.addIssue({ code: "custom", path: ["hoursKeptDays"], message: "is less than minutesKeptHours" });
    }
    if (hoursKeptDays > daysKeptDays) {
      context.addIssue({ code: "custom", path: ["daysKeptDays"], message: "is less than hoursKeptDays" });
    }
  });
