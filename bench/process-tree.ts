import { readFileSync } from "node:fs";
import { processFamily } from "@tenner/cli/testing";

/** Memory of a process at a moment. */
export interface ProcessMemory {
  readonly pid: number;
  /** The name the system has for it. */
  readonly command: string;
  /** Resident. */
  readonly bytes: number;
}

/** Resident memory of a process and all its descendants, in bytes, each with its command. Linux only. */
export function residentMemory(pid: number): { total: number; processes: ProcessMemory[] } {
  const processes = processFamily(pid).flatMap((member) => {
    try {
      const status = readFileSync(`/proc/${member}/status`, "utf8");
      const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
      return [{ pid: member, command: /Name:\s+(.+)/.exec(status)?.[1] ?? "?", bytes: kilobytes * 1024 }];
    } catch {
      return [];
    }
  });
  return { total: processes.reduce((sum, { bytes }) => sum + bytes, 0), processes };
}
