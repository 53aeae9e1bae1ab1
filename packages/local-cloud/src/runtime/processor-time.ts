import { readdirSync, readFileSync } from "node:fs";
import { TELLS_PROCESSOR_TIME } from "../core/usage.ts";

/** ms of a tick of `/proc/<pid>/stat`: 100 a second, on every Linux that Node runs on. */
const TICK_MS = 10;

/** What a child process of this one computes. Knows it by a variable of its environment, for nobody tells its number. */
export class ProcessorTime {
  readonly #mark: string;
  #pid: number | undefined;
  #last = 0;

  /** @param mark `NAME=value`, which no other child has */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** ms of processor time since the last call. 0 for the first one, and where the process is another one by now. */
  sinceLast(): number {
    if (!TELLS_PROCESSOR_TIME) return 0;
    const now = this.#pid === undefined ? undefined : processorTime(this.#pid);
    if (now === undefined) {
      this.#pid = children().find((pid) => environmentOf(pid).includes(this.#mark));
      this.#last = this.#pid === undefined ? 0 : (processorTime(this.#pid) ?? 0);
      return 0;
    }
    const since = now - this.#last;
    this.#last = now;
    return since;
  }
}

/** User and system time in ms. Undefined when the process has ended. */
function processorTime(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name before may hold spaces and parentheses.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!state || state === "Z") return undefined;
  return (Number(fields[10]) + Number(fields[11])) * TICK_MS;
}

function children(): number[] {
  const threads = readdirSync("/proc/self/task");
  return threads.flatMap((thread) => read(`/proc/self/task/${thread}/children`).split(" ").filter(Boolean).map(Number));
}

const environmentOf = (pid: number): string[] => read(`/proc/${pid}/environ`).split("\0");

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
