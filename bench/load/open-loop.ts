import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

/** A request to repeat. */
export interface Shot {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What {@link openLoop} is asked. */
export interface OpenLoopTask extends Shot {
  /** Requests a second, whatever the answers do. */
  readonly rate: number;
  readonly seconds: number;
}

/** What came of it: ms from the moment a request was due (not from when it could be sent) to the end of its answer. */
export interface OpenLoopResult {
  readonly latencies: Float64Array;
  readonly failed: number;
}

/**
 * Sends requests at a fixed rate, however slow the answers are: a slow server is met by a growing queue, as by real
 * callers, and not by patience. The script of a worker thread.
 */
async function openLoop({ url, headers, body, rate, seconds }: OpenLoopTask): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, noDelay: true });
  const total = Math.round(rate * seconds);
  const latencies = new Float64Array(total);
  const target = new URL(url);
  const length = String(Buffer.byteLength(body));
  let failed = 0;
  let ended = 0;
  await new Promise<void>((resolve) => {
    const start = performance.now() + 50;
    const end = () => {
      ended += 1;
      if (ended === total) resolve();
    };
    const send = (index: number, due: number) => {
      const outgoing = request(target, {
        agent,
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "content-length": length },
      });
      outgoing.on("response", (incoming) => {
        if (incoming.statusCode !== 200) failed += 1;
        incoming.resume();
        incoming.on("end", () => {
          latencies[index] = performance.now() - due;
          end();
        });
      });
      outgoing.on("error", () => {
        failed += 1;
        latencies[index] = performance.now() - due;
        end();
      });
      outgoing.end(body);
    };
    let sent = 0;
    const tick = () => {
      const now = performance.now();
      while (sent < total && start + (sent * 1000) / rate <= now) {
        send(sent, start + (sent * 1000) / rate);
        sent += 1;
      }
      // A timer, not a loop that spins: that would take one of a small machine's cores from those that are measured.
      if (sent < total) setTimeout(tick, 1);
    };
    tick();
  });
  agent.destroy();
  return { latencies, failed };
}

parentPort?.postMessage(await openLoop(workerData as OpenLoopTask)); // set by ./drive.ts
