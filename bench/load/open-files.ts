import { existsSync, readFileSync } from "node:fs";
import { LoadUsageError } from "./load-options.ts";

/** Of the local cloud beside the callers' connections: to its Workers, its databases, its models. */
const OWN_FILES = 4_096;

/** @throws LoadUsageError when the system lets a process have too few files open for so many connections */
export function checkOpenFiles(connections: number, pid: number): void {
  const needed = connections + OWN_FILES;
  const allowed = Math.min(ownLimit(), limitOf(pid));
  if (allowed >= needed) return;
  const fits = allowed - OWN_FILES;
  throw new LoadUsageError(
    `${connections} connections need ${needed} open files in one process, and ${allowed} are allowed here.\n` +
      `Raise the limit in this shell and start again what runs: ulimit -n ${needed}\n` +
      "(where that is refused, as root or in /etc/security/limits.conf)" +
      (fits >= 1 ? `, or ask for fewer: --connections ${fits}` : ""),
  );
}

/** Node raises its own soft limit to the hard one when it starts. */
function ownLimit(): number {
  // Its type lacks this one; without it the report looks up names.
  Object.assign(process.report, { excludeNetwork: true });
  // Its type is left open by Node; what is not as expected counts as no limit.
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}

/** Another process's, where the system tells. */
function limitOf(pid: number): number {
  const file = `/proc/${pid}/limits`;
  const soft = existsSync(file) ? /^Max open files\s+(\d+)/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
