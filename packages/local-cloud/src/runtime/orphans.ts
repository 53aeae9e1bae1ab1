import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** The environment variable by which a workerd process names the folder that it works in. */
export const OWNER_VARIABLE = "TENNER_LOCAL_CLOUD_DIRECTORY";

/**
 * Ends workerd processes that a killed cloud left behind on this folder: two on one folder would fire the same alarms
 * and write the same databases. The mark is in the process itself, so a process id that was given away again is never
 * mistaken.
 *
 * @returns how many were ended.
 */
export async function endOrphans(directory: string): Promise<number> {
  const mark = `${OWNER_VARIABLE}=${directory}`;
  const orphans = process.platform === "linux" ? markedOnLinux(mark) : markedElsewhere(mark);
  for (const pid of orphans) end(pid);
  for (let waited = 0; waited < 2000 && orphans.some(isAlive); waited += 20) await delay(20);
  return orphans.length;
}

function markedOnLinux(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
      } catch {
        // Ended meanwhile, or another user's.
        return false;
      }
    })
    .map(Number);
}

function markedElsewhere(mark: string): number[] {
  if (process.platform === "win32") return [];
  const lines = execFileSync("ps", ["-xEww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.includes("workerd") && ` ${line} `.includes(` ${mark} `))
    .map((line) => Number.parseInt(line, 10));
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Says whether a process exists and is not just waiting to be reaped. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
