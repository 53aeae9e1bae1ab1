import * as z from "zod";

/** What became of one kept question that was near. */
export const Candidate = z
  .object({
    key: z.string().describe("Of the kept answer."),
    similarity: z.number().describe("Cosine of the two questions' vectors."),
    verdict: z
      .enum(["same", "different", "uncertain"])
      .nullable()
      .describe("What the rules say; null: they were not asked."),
    state: z
      .enum(["served", "would-serve", "usable", "no", "open", "blocked", "learned", "stopped", "gone"])
      .describe(
        "`served`; `would-serve` in shadow mode; `usable`: a nearer one was served; `no`: different; `open`: to be learned; `blocked`: proven or reported different; `learned`: proven the same; `stopped`: it was wrong too often; `gone`: expired or purged.",
      ),
    reasons: z
      .array(
        z.object({
          guard: z.string().describe("Which rule found a difference."),
          asked: z.string().describe("What only the asked question says."),
          candidate: z.string().describe("What only the kept one says."),
          decides: z.boolean().describe("It alone makes two different questions."),
        }),
      )
      .describe("What tells the two apart; none of two that mean the same."),
  })
  .meta({ id: "CacheCandidate" });
export type Candidate = z.infer<typeof Candidate>;

/** What was learned after the answer. */
export const Lesson = z
  .object({
    key: z.string().describe("Of the kept answer that the new one was compared with."),
    kind: z.enum(["open", "shadow", "verified"]).describe("Why they were compared."),
    agreement: z.number().describe("Shared words of the two answers, 0 to 1."),
    cosine: z.number().nullable().describe("Of the two answers' vectors; null where the words decided."),
    answers: z.enum(["equal", "different", "open"]).describe("What the answers prove."),
    judged: z.boolean().nullable().describe("What a model said; null: none was asked, or it did not say yes or no."),
    result: z.enum(["same", "different", "open"]),
  })
  .meta({ id: "CacheLesson" });
export type Lesson = z.infer<typeof Lesson>;

/** Why a request was or was not a hit, as it is kept. */
export const Explanation = z.object({
  outcome: z.string().describe("Its x-cache."),
  why: z.string().describe("In a sentence."),
  mode: z.enum(["off", "shadow", "on"]).describe("Of the semantic cache."),
  served: z.string().nullable().describe("The key of the kept answer that was served, or would have been."),
  similarity: z.number().nullable().describe("Of its question to this one."),
  searched_ms: z.int().nullable().describe("Milliseconds that looking for alike questions took."),
  candidates: z.array(Candidate),
  learned: Lesson.nullable(),
});
export type Explanation = z.infer<typeof Explanation>;
