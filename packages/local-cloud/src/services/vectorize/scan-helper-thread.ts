import { parentPort, workerData } from "node:worker_threads";
import { type ScanJob, workOn } from "./scan-job.ts";
import { createScanKernel } from "./scan-kernel.ts";

/** The second thread that scans. */
const { memory } = workerData as { memory: WebAssembly.Memory }; // what Scanner passes
const kernel = createScanKernel(memory);
parentPort?.on("message", (job: ScanJob) => workOn(memory, kernel, job));
