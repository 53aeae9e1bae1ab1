import { Worker } from "node:worker_threads";
import type { MessageDatabase } from "./message-database.ts";
import type { Answer, Call, Method } from "./message-thread.ts";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * The thread that owns all messages, seen from the cloud's. While it works on some calls the next ones gather, and all of
 * them share a transaction, so that a disk that takes milliseconds to say "written" is asked once for many sends.
 */
export class MessageEngine {
  readonly #fileOf: (accountId: string) => string;
  readonly #waiting = new Map<number, Waiting>();
  #gathered: Call[] = [];
  #thread: Worker | undefined;
  #busy = false;
  #closed = false;
  #last = 0;

  /** @param fileOf the database of an account. */
  constructor(fileOf: (accountId: string) => string) {
    this.#fileOf = fileOf;
  }

  /** @throws {Error} what the database refused, e.g. that the disk is full. Nothing of the call was kept then. */
  call<Name extends Method>(
    accountId: string,
    method: Name,
    ...parameters: Parameters<MessageDatabase[Name]>
  ): Promise<ReturnType<MessageDatabase[Name]>> {
    // The thread answers what its method of this name answers.
    return this.#ask({ file: this.#fileOf(accountId), method, parameters }) as Promise<
      ReturnType<MessageDatabase[Name]>
    >;
  }

  /** Closes an account's database: its file is going to be deleted. */
  async forget(accountId: string): Promise<void> {
    await this.#ask({ file: this.#fileOf(accountId), method: "close", parameters: [] });
  }

  /** Ends the thread, after what it was asked. */
  async close(): Promise<void> {
    const thread = this.#thread;
    const closed = thread && this.#ask({ file: "", method: "closeAll", parameters: [] });
    this.#closed = true;
    if (thread === undefined) return;
    await closed;
    this.#thread = undefined;
    await thread.terminate();
  }

  #ask(call: Omit<Call, "id">): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error("the local cloud is closing"));
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#gathered.push({ id, ...call });
      if (!this.#busy) {
        this.#busy = true;
        // What is asked in the same turn goes along.
        queueMicrotask(() => this.#post());
      }
    });
  }

  #post(): void {
    this.#thread ??= this.#start();
    this.#thread.ref();
    const calls = this.#gathered;
    this.#gathered = [];
    this.#thread.postMessage(calls);
  }

  #start(): Worker {
    const thread = new Worker(new URL("./message-thread.ts", import.meta.url), { execArgv: [] });
    const fail = (error: Error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#busy = false;
      this.#gathered = [];
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    thread.on("message", (answers: readonly Answer[]) => {
      for (const answer of answers) {
        const waiting = this.#waiting.get(answer.id);
        this.#waiting.delete(answer.id);
        if ("result" in answer) waiting?.resolve(answer.result);
        else waiting?.reject(Object.assign(new Error(answer.failure), { code: answer.errno }));
      }
      this.#busy = this.#gathered.length > 0;
      if (this.#busy) this.#post();
      else thread.unref();
    });
    thread.on("error", (cause) => fail(new Error("the thread of the queues failed", { cause })));
    thread.on("exit", () => fail(new Error("the thread of the queues ended")));
    return thread;
  }
}
