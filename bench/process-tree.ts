import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of a process and all its descendants, in bytes, each with its command. Linux only. */
export function residentMemory(pid: number): { total: number; processes: { command: string; bytes: number }[] } {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  const processes = [...family].flatMap((member) => {
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
