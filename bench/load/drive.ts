import { once } from "node:events";
import { Worker } from "node:worker_threads";
import autocannon from "autocannon";
import type { OpenLoopResult, OpenLoopTask, Shot } from "./open-loop.ts";

/** Percentiles of latencies in ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Requests a second that a server can take: 50 connections, each with the next request as soon as it was answered. */
export async function capacity(shot: Shot, seconds: number): Promise<number> {
  return (await closedLoop(shot, 50, seconds)).perSecond;
}

/** What so many connections get, each with the next request as soon as it was answered. */
export async function closedLoop(
  { url, headers, body }: Shot,
  connections: number,
  seconds: number,
): Promise<Latency & { readonly perSecond: number }> {
  const result = await autocannon({
    url,
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    connections,
    duration: seconds,
    timeout: 60,
    workers: 1,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

/** Latency at a fixed rate. The load comes from a thread of its own. */
export async function atRate(shot: Shot, rate: number, seconds: number): Promise<Latency> {
  const task: OpenLoopTask = { ...shot, rate, seconds };
  const worker = new Worker(new URL("./open-loop.ts", import.meta.url), { workerData: task });
  const [{ latencies, failed }] = (await once(worker, "message")) as [OpenLoopResult]; // the thread's only message
  await worker.terminate();
  if (failed > 0) throw new Error(`${shot.url}: ${failed} of ${latencies.length} failed`);
  const sorted = latencies.toSorted();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Starts {@link file} as a thread that says its port. */
export async function startThread(file: URL): Promise<{ port: number; end(): Promise<unknown> }> {
  const worker = new Worker(file);
  const [port] = (await once(worker, "message")) as [number]; // the thread's only message
  return { port, end: () => worker.terminate() };
}
