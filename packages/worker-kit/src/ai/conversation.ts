import type { AiQuestion, Message } from "./contract.ts";

/** The messages of a question, in their order. */
export function conversation({ system, history = [], prompt }: AiQuestion): Message[] {
  return [{ role: "system", content: system }, ...history, { role: "user", content: prompt }];
}
