import { readFileSync } from "node:fs";
import { processFamily } from "@tenner/cli/testing";

/** Resident memory of a process and all its descendants, in bytes, each with its command. Linux only. */
export function residentMemory(pid: number): { total: number; processes: { command: string; bytes: number }[] } {
  const processes = processFamily(pid).flatMap((member) => {
    try {
      const status = readFileSync(`/proc/${member}/status`, "utf8");
      const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
      return [{ command: /Name:\s+(.+)/.exec(status)?.[1] ?? "?", bytes: kilobytes * 1024 }];
    } catch {
      return [];
    }
  });
  return { total: processes.reduce((sum, { bytes }) => sum + bytes, 0), processes };
}
