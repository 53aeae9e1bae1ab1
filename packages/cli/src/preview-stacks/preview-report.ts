import * as z from "zod";

/** What `preview-stack up --json` answers, and what the comment on a pull request is made of. */
export const PreviewReport = z.object({
  pull_request: z.int().positive(),
  stack: z.string(),
  /** A cloud on the machine that ran it, or an account of Cloudflare's. */
  where: z.enum(["local", "account"]),
  outcome: z.enum(["succeeded", "failed", "cancelled"]),
  duration_ms: z.number(),
  /** RFC 3339: then the reaper takes it away. */
  expires_at: z.string(),
  addresses: z.array(z.object({ template: z.string(), url: z.string() })),
  /** What was done, without what stayed as it was. */
  changes: z.array(z.object({ step: z.string(), type: z.string(), name: z.string(), paths: z.array(z.string()) })),
  unchanged: z.int(),
  bill: z.object({ ceiling_usd: z.number(), spent_usd: z.number() }).optional(),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type PreviewReport = z.infer<typeof PreviewReport>;
