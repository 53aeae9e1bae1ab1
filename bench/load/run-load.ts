import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type ProcessMemory, residentMemory } from "../process-tree.ts";
import { percentile } from "../statistics.ts";
import type { CallersMessage, CallersTask, KindResult, Outcome, Second } from "./callers.ts";

/** Latencies in ms; left out where nothing was answered. */
export interface Percentiles {
  readonly p50?: number | undefined;
  readonly p95?: number | undefined;
  readonly p99?: number | undefined;
  readonly max?: number | undefined;
}

export interface KindSummary extends Percentiles {
  readonly kind: string;
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
}

/** A second of the load, as the report has it. */
export interface Moment extends Percentiles {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly underWay: number;
  readonly connections: number;
  /** Empty where the system does not tell. */
  readonly memory: readonly ProcessMemory[];
}

/** What a load came to. */
export interface LoadResult {
  /** Seconds from the first request to the last answer. */
  readonly took: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Answered a second, in the mean over all that time. */
  readonly perSecond: number;
  readonly all: Percentiles;
  readonly kinds: readonly KindSummary[];
  /** Everything that was no answer, by kind of request and by what was said. */
  readonly troubles: readonly {
    readonly kind: string;
    readonly outcome: "refused" | "failed";
    readonly reason: string;
    readonly count: number;
  }[];
  readonly moments: readonly Moment[];
}

export interface LoadWatch {
  /** The local cloud's process: its memory is read, with that of all it has started. */
  readonly pid: number;
  readonly onMoment?: (moment: Moment) => void;
}

/** Puts load on templates and watches what becomes of it. The load comes from a thread of its own. */
export async function runLoad(task: CallersTask, { pid, onMoment }: LoadWatch): Promise<LoadResult> {
  const moments: Moment[] = [];
  const { kinds, seconds } = await runCallers(task, (second) => {
    const { at, counts, underWay, connections, latencies } = second;
    const memory = existsSync("/proc/self/status") ? memoryOf(pid) : [];
    const moment = { at, counts, underWay, connections, memory, ...percentilesOf(latencies.sort()) };
    moments.push(moment);
    onMoment?.(moment);
  });
  const summaries = kinds.map(summaryOf).toSorted((a, b) => a.kind.localeCompare(b.kind));
  const sum = (outcome: Outcome) => summaries.reduce((total, kind) => total + kind[outcome], 0);
  return {
    took: seconds,
    counts: { answered: sum("answered"), refused: sum("refused"), failed: sum("failed") },
    perSecond: sum("answered") / seconds,
    all: percentilesOf(Float64Array.from(kinds.flatMap(({ latencies }) => [...latencies])).sort()),
    kinds: summaries,
    troubles: kinds.flatMap(troublesOf).toSorted((a, b) => b.count - a.count),
    moments,
  };
}

function runCallers(
  task: CallersTask,
  onSecond: (second: Second) => void,
): Promise<{ kinds: readonly KindResult[]; seconds: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./callers.ts", import.meta.url), { workerData: task });
    worker.on("error", reject);
    worker.on("message", (message: CallersMessage) => {
      if (message.type === "second") onSecond(message.second);
      else worker.terminate().then(() => resolve(message), reject);
    });
  });
}

/** Of the cloud's processes, and of this one, which makes the load. */
function memoryOf(pid: number): ProcessMemory[] {
  const own = residentMemory(process.pid).processes.filter((one) => one.pid === process.pid);
  const cloud = residentMemory(pid).processes.filter((one) => one.pid !== process.pid);
  return [
    ...cloud.map((one) => ({ ...one, command: one.pid === pid ? "local cloud" : one.command })),
    ...own.map((one) => ({ ...one, command: "callers" })),
  ];
}

function summaryOf({ kind, latencies, refused, failed }: KindResult): KindSummary {
  const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  return {
    kind,
    answered: latencies.length,
    refused: total(refused),
    failed: total(failed),
    ...percentilesOf(latencies),
  };
}

function troublesOf({ kind, refused, failed }: KindResult): LoadResult["troubles"] {
  const list = (outcome: "refused" | "failed", counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([reason, count]) => ({ kind, outcome, reason, count }));
  return [...list("refused", refused), ...list("failed", failed)];
}

/** @param sorted ascending */
function percentilesOf(sorted: Float64Array): Percentiles {
  const at = (share: number) => percentile(sorted, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) };
}
