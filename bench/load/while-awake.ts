import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Waits in small steps, so that the other thread of the same core keeps its speed. */
const SPIN = "for (;;) Atomics.pause(100)";

/**
 * Does some work while every processor spins whenever nobody else wants it (Linux's `SCHED_IDLE`: whoever else wants to
 * run goes first). A virtual processor that has nothing to do is handed back to the host and comes again late, up to tens of
 * milliseconds on a busy one, and every request wakes three. That is the host's latency, and no server's.
 *
 * @returns nothing, and the work is not done, where the system has no `chrt`
 * @see https://man7.org/linux/man-pages/man7/sched.7.html
 */
export async function whileAwake<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  if (spawnSync("chrt", ["--version"]).status !== 0) return undefined;
  const spinners = Array.from({ length: availableParallelism() }, () =>
    spawn("chrt", ["--idle", "0", process.execPath, "-e", SPIN], { stdio: "ignore" }),
  );
  try {
    return await work();
  } finally {
    for (const spinner of spinners) spinner.kill("SIGKILL");
  }
}
