import { parentPort } from "node:worker_threads";
import type { Answered, Asked } from "./thread.ts";

/** The thread's side of {@link thread}: answers one question after the other. */
export function serveThread<Question, Answer>(answer: (question: Question) => Promise<Answer> | Answer): void {
  let before = Promise.resolve();
  parentPort?.on("message", ({ id, question }: Asked<Question>) => {
    before = before.then(async () => {
      let answered: Answered<Answer>;
      try {
        answered = { id, answer: await answer(question) };
      } catch (error) {
        answered = { id, error: error instanceof Error ? error.message : String(error) };
      }
      parentPort?.postMessage(answered);
    });
  });
}
