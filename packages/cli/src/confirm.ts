import { createInterface } from "node:readline/promises";
import { UserError } from "./user-error.ts";

/** Asks before something that cannot be undone. Without a terminal there is nobody to ask: `--yes` is needed. */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new UserError(`${question}\nThere is no terminal to answer on: add --yes.`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`  ${question} (y/N) `)).trim());
  } finally {
    prompt.close();
  }
}
