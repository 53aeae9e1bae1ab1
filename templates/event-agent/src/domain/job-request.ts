import * as z from "zod";
import { ClassifyInput } from "./tasks/classify.ts";
import { ExtractInput } from "./tasks/extract.ts";
import { ReplyInput } from "./tasks/reply.ts";
import { SummarizeInput } from "./tasks/summarize.ts";

/** How far ahead a job may be put off. */
const MAX_DELAY_SECONDS = 7 * 86_400;

const options = {
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe("Told when the job has ended."),
  metadata: z
    .record(z.string().min(1).max(64), z.union([z.string().max(500), z.number(), z.boolean()]))
    .refine((metadata) => Object.keys(metadata).length <= 16, "at most 16 entries")
    .default({})
    .describe("Yours; it comes back with the job."),
  not_before: z.iso.datetime({ offset: true }).optional().describe("Do not start earlier; at most 7 days ahead."),
  delay_seconds: z.int().min(0).max(MAX_DELAY_SECONDS).optional().describe("Instead of `not_before`."),
  deadline_seconds: z.int().min(1).max(86_400).optional().describe("From the earliest start; then the job fails."),
  on_budget_exhausted: z
    .enum(["wait", "fail"])
    .default("wait")
    .describe(
      "When the month's budget is used up: wait until there is some (the deadline waits too), or fail at once.",
    ),
};

/** A submission: which task, on what, and when. */
export const JobRequest = z
  .discriminatedUnion("task", [
    z.strictObject({ task: z.literal("summarize"), input: SummarizeInput, ...options }),
    z.strictObject({ task: z.literal("extract"), input: ExtractInput, ...options }),
    z.strictObject({ task: z.literal("classify"), input: ClassifyInput, ...options }),
    z.strictObject({ task: z.literal("reply"), input: ReplyInput, ...options }),
  ])
  .refine((request) => request.not_before === undefined || request.delay_seconds === undefined, {
    path: ["delay_seconds"],
    message: "give not_before or delay_seconds, not both",
  })
  .meta({ id: "JobRequest" });
export type JobRequest = z.infer<typeof JobRequest>;

/** When a job may start and when it must have ended, in milliseconds. Null when it is put off too far. */
export function jobTimes(
  request: JobRequest,
  now: number,
  defaultDeadlineSeconds: number,
): { notBefore: number; deadlineAt: number } | null {
  const wanted = request.not_before ? Date.parse(request.not_before) : now + (request.delay_seconds ?? 0) * 1_000;
  const notBefore = Math.max(now, wanted);
  if (notBefore > now + MAX_DELAY_SECONDS * 1_000) return null;
  return { notBefore, deadlineAt: notBefore + (request.deadline_seconds ?? defaultDeadlineSeconds) * 1_000 };
}
