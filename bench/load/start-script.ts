import { fork } from "node:child_process";
import { once } from "node:events";

/** A server in a process of its own. */
export interface StartedScript<Said> {
  /** What it said when it was ready. */
  readonly said: Said;
  end(): Promise<void>;
}

/**
 * Starts a script of this folder as a process of its own, as it is when people use it: threads of one process wait for
 * each other when memory is given back.
 *
 * @param words for its command line
 */
export async function startScript<Said>(file: string, ...words: readonly string[]): Promise<StartedScript<Said>> {
  const child = fork(new URL(file, import.meta.url), words, { execArgv: [] });
  const said = await Promise.race([
    once(child, "message").then(([message]) => message as Said), // the script's only message
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`))),
  ]);
  return {
    said,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}
