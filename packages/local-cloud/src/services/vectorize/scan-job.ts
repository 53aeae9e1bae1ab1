import type { ScanKernel } from "./scan-kernel.ts";
import { QUERY_ADDRESS, ROWS_ADDRESS, SCORES_ADDRESS } from "./vector-memory.ts";

/** Rows that a thread takes at a time, so that a thread that gets little of a processor is not waited for long. */
const CHUNK_ROWS = 1024;
/** Words at the beginning of the memory: the job's number (upper half) with its next chunk (lower half); chunks done. */
const NEXT = 0;
const DONE = 1;

/** Rows to score: their addresses are at `ROWS_ADDRESS`, the query at `QUERY_ADDRESS`. */
export interface ScanJob {
  /** Tells jobs apart, 0 to 32767. */
  readonly number: number;
  readonly kind: keyof ScanKernel;
  readonly count: number;
  /** Of a row. */
  readonly bytes: number;
}

const chunksOf = (job: ScanJob) => Math.ceil(job.count / CHUNK_ROWS);

/** Makes a job's chunks available. Nobody may still be at work on another. */
export function openJob(memory: WebAssembly.Memory, job: ScanJob): void {
  const control = new Int32Array(memory.buffer, 0, 2);
  Atomics.store(control, DONE, 0);
  Atomics.store(control, NEXT, job.number << 16);
}

/** Scores chunk after chunk until the job has no more, or is not the current one any more. */
export function workOn(memory: WebAssembly.Memory, kernel: ScanKernel, job: ScanJob): void {
  const control = new Int32Array(memory.buffer, 0, 2);
  for (;;) {
    const next = Atomics.load(control, NEXT);
    const chunk = next & 0xffff;
    if (next >> 16 !== job.number || chunk >= chunksOf(job)) return;
    if (Atomics.compareExchange(control, NEXT, next, next + 1) !== next) continue;
    const first = chunk * CHUNK_ROWS;
    const count = Math.min(CHUNK_ROWS, job.count - first);
    kernel[job.kind](ROWS_ADDRESS + first * 4, count, QUERY_ADDRESS, job.bytes, SCORES_ADDRESS + first * 4);
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

/** Waits until others have ended what they took. @returns false when they do not within `ms`. */
export function awaitJob(memory: WebAssembly.Memory, job: ScanJob, ms: number): boolean {
  const control = new Int32Array(memory.buffer, 0, 2);
  const end = performance.now() + ms;
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === chunksOf(job)) return true;
    if (Atomics.wait(control, DONE, done, Math.max(0, end - performance.now())) === "timed-out") return false;
  }
}
