import { log } from "@tenner/worker-kit/log";
import type { ChoreMessage } from "./domain/message.ts";

/** Asks for work on a batch. When it cannot be asked for now, the cron finds what is to be done. */
export async function sendChore(env: Pick<Env, "CHORES">, chore: ChoreMessage): Promise<void> {
  try {
    await env.CHORES.send(chore);
  } catch (error) {
    log("warn", "chore_not_sent", { ...chore, message: String(error) });
  }
}
