import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import * as z from "zod";
import { type FeedbackRow, keepFeedback, newestFeedback } from "../experiments/feedback.ts";
import { writeTrials } from "../experiments/record.ts";
import type { HttpEnv } from "../http-env.ts";

const FeedbackRequest = z
  .strictObject({
    request_id: z.string().regex(/^[\w-]{8,64}$/, "an answer's x-request-id"),
    score: z.number().min(0).max(1).optional().describe("From 0, useless, to 1, right."),
    thumb: z.enum(["up", "down"]).optional().describe("`up` is a score of 1, `down` of 0."),
    comment: z.string().trim().min(1).max(2_000).optional(),
  })
  .refine(({ score, thumb }) => (score === undefined) !== (thumb === undefined), {
    error: "say either `score` or `thumb`",
  })
  .meta({ id: "FeedbackRequest" });

const Feedback = z
  .object({
    request_id: z.string(),
    score: z.number(),
    comment: z.string().nullable(),
    experiment: z.string().nullable().describe("Null: it took part in none, or is not known yet."),
    variant: z.string().nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: "Feedback" });

const FeedbackList = z.object({ feedback: z.array(Feedback) }).meta({ id: "FeedbackList" });

const tag = "Experiments";

/** What callers say about answers. */
export const feedbackEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/feedback",
    operationId: "giveFeedback",
    summary: "Say how good an answer was",
    description: "By its x-request-id. Whoever says it twice is taken at the last word. Kept for 400 days.",
    tag,
    guard: "submission",
    body: FeedbackRequest,
    responses: { 200: { description: "What is kept", schema: Feedback } },
    problems: [429],
    async handle(c, { body: { request_id, score, thumb, comment = null } }) {
      await writeTrials(c.env.DB);
      const row = await keepFeedback(c.env.DB, {
        tenant: c.get("caller").tenant,
        requestId: request_id,
        score: score ?? (thumb === "up" ? 1 : 0),
        comment,
        at: now(c.env),
      });
      return c.json(toFeedback(row), 200, { "cache-control": "no-store" });
    },
  }),
  endpoint({
    method: "get",
    path: "/v1/feedback",
    operationId: "listFeedback",
    summary: "Read what was said about answers, newest first",
    tag,
    guard: "tenant",
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    responses: { 200: { description: "The tenant's", schema: FeedbackList } },
    async handle(c, { query: { limit } }) {
      const rows = await newestFeedback(c.env.DB, c.get("caller").tenant, limit);
      return c.json({ feedback: rows.map(toFeedback) }, 200, { "cache-control": "no-store" });
    },
  }),
];

function toFeedback({ at, ...row }: FeedbackRow): z.infer<typeof Feedback> {
  return { ...row, at: new Date(at).toISOString() };
}
