import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** A worker thread that answers questions, started at the first one and kept. */
export interface Thread<Question, Answer> {
  /** @throws {Error} what the thread threw, or that it ended. */
  ask(question: Question): Promise<Answer>;
  /** Ends the thread; what it was asked fails. */
  close(): Promise<void>;
}

/** What goes to a thread and comes back. */
export interface Asked<Question> {
  id: number;
  question: Question;
}
export type Answered<Answer> = { id: number; answer: Answer } | { id: number; error: string };

interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/**
 * A thread that runs the module at `url`. It does not keep the process alive while nothing is asked. When it dies, what
 * it was asked fails, and the next question starts another.
 */
export function thread<Question, Answer>(url: URL): Thread<Question, Answer> {
  const waiting = new Map<number, Waiting<Answer>>();
  let worker: Worker | undefined;
  let last = 0;

  function start(): Worker {
    const started = new Worker(fileURLToPath(url.href), { execArgv: [] });
    const fail = (error: Error) => {
      if (worker === started) worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on("message", (answered: Answered<Answer>) => {
      const asked = waiting.get(answered.id);
      waiting.delete(answered.id);
      if (waiting.size === 0) started.unref();
      if ("error" in answered) asked?.reject(new Error(answered.error));
      else asked?.resolve(answered.answer);
    });
    started.on("error", (cause) => fail(new Error(`the thread of ${url.pathname} failed`, { cause })));
    started.on("exit", () => {
      if (worker === started) fail(new Error(`the thread of ${url.pathname} ended`));
    });
    return started;
  }

  return {
    ask(question) {
      worker ??= start();
      const asked = worker;
      asked.ref();
      return new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        asked.postMessage({ id, question } satisfies Asked<Question>);
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
