import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import { forgetQuestions } from "./questions.ts";
import { forgetExplanations } from "./record.ts";
import { forgetVerdicts } from "./verdicts.ts";

const DAY_MS = 86_400_000;
/** Batches of questions of one minute: a purge of many thousands takes some. */
const MOST_BATCHES = 10;

/** The cron's part for the semantic cache: forgets what is of no more use. */
export async function keepSemantic(env: Env, { cache }: Settings, at: number): Promise<void> {
  await forgetExplanations(env.DB, at - cache.semantic.explainDays * DAY_MS, at);
  await forgetVerdicts(env.DB, at);
  try {
    for (let batch = 0; batch < MOST_BATCHES && (await forgetQuestions(env, at)) > 0; batch++);
  } catch (error) {
    // Vectorize may be away; the next minute tries again, and the rest of the upkeep must not wait for it.
    log("warn", "questions_not_forgotten", { message: String(error) });
  }
}
