import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { awaitJob, openJob, type ScanJob, workOn } from "./scan-job.ts";
import { createScanKernel, type ScanKernel } from "./scan-kernel.ts";
import type { VectorMemory } from "./vector-memory.ts";

/** Bytes of vectors below which one thread is done sooner than two have agreed. */
const WORTH_TWO_THREADS = 4 * 1024 * 1024;
/** Milliseconds after which the helper counts as dead. */
const PATIENCE = 5000;

/** Scores rows, with two threads where that helps: this one, which waits, and a helper that is started when needed. */
export class Scanner {
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: ScanKernel;
  #helper: Worker | undefined;
  #number = 0;

  constructor({ memory }: VectorMemory) {
    this.#memory = memory;
    this.#kernel = createScanKernel(memory);
  }

  /** Scores the rows whose addresses are in the memory already; see {@link ScanJob}. */
  scan(work: Omit<ScanJob, "number">): void {
    const shared = work.count * work.bytes >= WORTH_TWO_THREADS;
    const job = this.#open(work);
    if (shared) this.#startedHelper().postMessage(job);
    workOn(this.#memory, this.#kernel, job);
    if (awaitJob(this.#memory, job, PATIENCE)) return;
    void this.#helper?.terminate();
    this.#helper = undefined;
    workOn(this.#memory, this.#kernel, this.#open(work));
  }

  #open(work: Omit<ScanJob, "number">): ScanJob {
    this.#number = (this.#number + 1) & 0x7fff;
    const job = { ...work, number: this.#number };
    openJob(this.#memory, job);
    return job;
  }

  #startedHelper(): Worker {
    if (this.#helper) return this.#helper;
    const helper = new Worker(fileURLToPath(new URL("./scan-helper-thread.ts", import.meta.url).href), {
      workerData: { memory: this.#memory },
      execArgv: [],
    });
    helper.unref();
    const forget = () => {
      if (this.#helper === helper) this.#helper = undefined;
    };
    helper.on("error", forget);
    helper.on("exit", forget);
    this.#helper = helper;
    return helper;
  }
}
