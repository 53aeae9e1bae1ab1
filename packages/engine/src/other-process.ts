import { readFile } from "node:fs/promises";
import { isNodeError } from "./durable-file.ts";

/** A process that may not be signalled runs, too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(isNodeError(error) && error.code === "ESRCH");
  }
}

/** When a process started, in ms since 1970; only Linux tells. */
export async function startTime(pid: number): Promise<number | undefined> {
  try {
    const [stat, system] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile("/proc/stat", "utf8")]);
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    const boot = Number(/^btime (\d+)/m.exec(system)?.[1]);
    const started = (boot + ticks / 100) * 1000;
    return Number.isNaN(started) ? undefined : started;
  } catch {
    return undefined;
  }
}
