import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { ApiError } from "../../core/api-error.ts";
import type { IndexesOnDisk } from "./indexes-on-disk.ts";
import type { ThreadAnswer, ThreadCall } from "./vector-thread.ts";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A method of the thread that owns the indexes. */
type Method = Exclude<keyof IndexesOnDisk, "closeAll">;

/**
 * The thread that owns all indexes, seen from the cloud's. It is started when it is first asked and does not keep the
 * process alive; when it dies, what it was asked fails, and the next question starts another, which finds on the disk
 * all that was acknowledged.
 */
export class VectorEngine {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #last = 0;

  /** Bytes (`Uint8Array`) go to the thread and are gone here. @throws {ApiError} what the thread refused. */
  call<Name extends Method>(
    method: Name,
    ...parameters: Parameters<IndexesOnDisk[Name]>
  ): Promise<Awaited<ReturnType<IndexesOnDisk[Name]>>> {
    // The thread answers what its method of this name answers.
    return this.#ask(method, parameters) as Promise<Awaited<ReturnType<IndexesOnDisk[Name]>>>;
  }

  /** Ends the thread. What is on the disk is whole at any time. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (!thread) return;
    await this.#ask("closeAll", []);
    this.#thread = undefined;
    await thread.terminate();
  }

  #ask(method: string, parameters: readonly unknown[]): Promise<unknown> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    thread.ref();
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      // Not copied: an upload has up to 100 MB.
      const transfer = parameters.flatMap((one) => (one instanceof Uint8Array ? [one.buffer as ArrayBuffer] : []));
      thread.postMessage({ id, method, parameters } satisfies ThreadCall, transfer);
    });
  }

  #start(): Worker {
    const thread = new Worker(fileURLToPath(new URL("./vector-thread.ts", import.meta.url).href), { execArgv: [] });
    const fail = (error: Error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    thread.on("message", (answer: ThreadAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) thread.unref();
      if ("result" in answer) waiting?.resolve(answer.result);
      else waiting?.reject(errorOf(answer));
    });
    thread.on("error", (cause) => fail(new Error("the thread of the vectors failed", { cause })));
    thread.on("exit", () => fail(new Error("the thread of the vectors ended")));
    return thread;
  }
}

function errorOf(answer: Exclude<ThreadAnswer, { result: unknown }>): Error {
  if ("refusal" in answer) return new ApiError(answer.refusal.status, answer.refusal.code, answer.refusal.message);
  // What a disk that is full says is known by its code, which does not travel with the error.
  return Object.assign(new Error(answer.failure.message, { cause: answer.failure }), { code: answer.errno });
}
