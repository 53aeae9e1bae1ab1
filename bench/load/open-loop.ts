import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { wholeMessage } from "./http-messages.ts";

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
  /** So long is measured, after {@link WARM_UP}. */
  readonly seconds: number;
}

/** What came of it: ms from the moment a request was due (not from when it could be sent) to the end of its answer. */
export interface OpenLoopResult {
  readonly latencies: Float64Array;
  readonly failed: number;
}

/** Seconds at the same rate before the first that counts: this thread's own code has not been compiled yet. */
const WARM_UP = 2;
const SOCKETS = 256;

/**
 * Sends requests at a fixed rate, however slow the answers are: a slow server is met by a growing queue, as by real
 * callers, and not by patience. It writes the same bytes to sockets that are open already, because Node's HTTP client
 * would take more of a small machine than the server that is measured. The script of a worker thread.
 */
async function openLoop({ url, headers, body, rate, seconds }: OpenLoopTask): Promise<OpenLoopResult> {
  const target = new URL(url);
  const bytes = requestBytes(target, headers, body);
  const skipped = Math.round(rate * WARM_UP);
  const total = skipped + Math.round(rate * seconds);
  const latencies = new Float64Array(total);
  const start = performance.now() + 50;
  const dueAt = (index: number) => start + (index * 1000) / rate;
  const waiting: number[] = [];
  const idle: Socket[] = [];
  let failed = 0;
  let ended = 0;
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      const socket = connect({ host: target.hostname, port: Number(target.port) });
      await once(socket, "connect");
      socket.setNoDelay(true); // among the options of connect, Node ignores it
      return socket;
    }),
  );
  await new Promise<void>((resolve) => {
    const asked = new Map<Socket, number>();
    const ask = (socket: Socket, index: number) => {
      asked.set(socket, index);
      socket.write(bytes);
    };
    const finish = (socket: Socket, ok: boolean) => {
      const index = asked.get(socket);
      if (index === undefined) return;
      asked.delete(socket);
      latencies[index] = performance.now() - dueAt(index);
      if (!ok) failed += 1;
      ended += 1;
      if (ended === total) resolve();
      const next = socket.destroyed ? undefined : waiting.shift();
      if (next !== undefined) ask(socket, next);
      else if (!socket.destroyed) idle.push(socket);
    };
    for (const socket of sockets) {
      let received: Buffer = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const answer = wholeMessage(received);
        if (!answer) return;
        received = received.subarray(answer.length);
        finish(socket, / 200 /.test(answer.start));
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => finish(socket, false));
      idle.push(socket);
    }
    let sent = 0;
    const tick = () => {
      const now = performance.now();
      for (; sent < total && dueAt(sent) <= now; sent++) {
        const socket = idle.pop();
        if (socket === undefined) waiting.push(sent);
        else if (!socket.destroyed) ask(socket, sent);
        else throw new Error(`${url}: the server ends connections that wait.`);
      }
      // A timer, not a loop that spins: that would take one of a small machine's cores from those that are measured.
      if (sent < total) setTimeout(tick, 1);
    };
    tick();
  });
  for (const socket of sockets) socket.destroy();
  return { latencies: latencies.slice(skipped), failed };
}

function requestBytes(target: URL, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const all = {
    host: target.host,
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${target.pathname}${target.search} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

parentPort?.postMessage(await openLoop(workerData as OpenLoopTask)); // set by ./drive.ts
