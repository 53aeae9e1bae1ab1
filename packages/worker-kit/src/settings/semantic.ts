import * as z from "zod";

/** Answers from the cache to questions that mean the same as a kept one. */
export const Semantic = z.strictObject({
  /** `on` answers; `shadow` asks the models all the same and writes down what it would have answered; `off` does nothing. */
  mode: z.enum(["off", "shadow", "on"]).default("on"),
  /** Milliseconds that a request waits for an alike question to be found, before a model is asked; what comes later is still learned from. */
  waitMs: z.int().min(10).max(10_000).default(500),
  /** Kept questions that one is compared with, nearest first. */
  candidates: z.int().min(1).max(20).default(5),
  /** A model is asked about pairs of questions that the rules leave open; only a plain yes or no counts. */
  judge: z.boolean().default(false),
  /** Which model judges. Left out: the stack's route. */
  judgeModel: z.string().min(1).optional(),
  /** Share of the answers to alike questions, 0 to 1, that are compared afterwards with what a model says. */
  verifyShare: z.number().min(0).max(1).default(0.02),
  /** Wrong answers among right ones, 0.01 to 0.5: an entry that may be worse by now (95 % sure) answers no alike questions any more. */
  maxErrorRate: z.number().min(0.01).max(0.5).default(0.01),
  /** Days for which `GET /v1/cache/explain` can say why a request was or was not a hit. */
  explainDays: z.int().min(1).max(30).default(3),
});

/** The models that are asked by their names, with where the settings say so. */
export function modelsOfSemantic({ judgeModel }: z.infer<typeof Semantic>): [model: string, path: string[]][] {
  return judgeModel === undefined ? [] : [[judgeModel, ["cache", "semantic", "judgeModel"]]];
}
