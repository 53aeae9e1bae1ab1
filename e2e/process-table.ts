import { readFileSync } from "node:fs";
import { processFamily } from "@tenner/cli/testing";

/** The workerd processes below a process. */
export function workerdsOf(pid: number): number[] {
  return processFamily(pid).filter((member) => readCommand(member).includes("workerd"));
}

/** Those of the processes that still run. */
export function stillRunning(pids: readonly number[]): number[] {
  return pids.filter((pid) => readCommand(pid) !== "");
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
