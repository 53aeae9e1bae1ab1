import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInbox, type Inbox, SilenceError } from "./inbox.ts";
import { type Ask, FromRunner, type ToRunner } from "./runner-protocol.ts";

/** The process that runs the model ended by itself, or could not start. */
export class RunnerEndedError extends Error {
  override readonly name = "RunnerEndedError";
}

/** How the process is started, and how long it may be silent. Times in ms. */
export interface RunnerOptions {
  /** A script that speaks the protocol of `runner-protocol.ts`. */
  script: URL;
  arguments: readonly string[];
  /** Without a word for so long, while it loads or answers, it hangs and is killed. */
  silence: number;
  /** How long it may take to stop when asked to, before it is killed. */
  grace: number;
}

/** What an answer consists of. */
export type AnswerPart = Extract<FromRunner, { type: "text" | "end" | "failed" }>;

/** A process that runs a model: started at first use, and again after it crashed or was killed. */
export interface Runner {
  /**
   * Asks it. The caller sees to it that there is one question at a time.
   *
   * @throws {RunnerEndedError} when the process ends meanwhile
   * @throws {SilenceError} when it hangs; it is killed
   * @throws the signal's reason when aborted
   */
  ask(question: Omit<Ask, "type" | "id">, signal: AbortSignal): AsyncGenerator<AnswerPart, void, void>;
  /** Its process id, while it runs. */
  pid(): number | undefined;
  /** Ends the process. */
  close(): Promise<void>;
}

interface Started {
  child: ChildProcess;
  /** Its model is loaded. */
  ready: boolean;
  inbox: Inbox<FromRunner>;
  exited: Promise<void>;
}

/** A runner that is not started yet. */
export function modelRunner(options: RunnerOptions): Runner {
  let started: Started | undefined;
  let closed = false;
  let lastId = 0;

  function start(): Started {
    const child = fork(fileURLToPath(options.script.href), options.arguments, {
      execArgv: [],
      // The answer to nothing is on stdout; what native code complains of, on stderr.
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const inbox = createInbox<FromRunner>();
    let complaints = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-2000);
    });
    child.on("message", (message) => inbox.put(FromRunner.parse(message)));
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const end = (how: string) => {
      if (started === self) started = undefined;
      inbox.fail(new RunnerEndedError(`${how}${lastLine(complaints)}`));
      resolve();
    };
    child.once("error", (error) => end(`could not be started: ${error.message}`));
    // "close" comes after the last of stderr was read.
    child.once("close", (code, signal) => end(`ended with ${signal ? `signal ${signal}` : `exit code ${code}`}`));
    const self: Started = { child, ready: false, inbox, exited };
    return self;
  }

  async function kill({ child, exited }: Started): Promise<void> {
    child.kill("SIGKILL");
    await exited;
  }

  /** The process with its model loaded. A caller who leaves while it loads does not stop that. */
  async function running(signal: AbortSignal): Promise<Started> {
    if (closed) throw new RunnerEndedError("was ended together with the cloud");
    started ??= start();
    const current = started;
    while (!current.ready) current.ready = (await hear(current, signal)).type === "ready";
    return current;
  }

  /** What it says next. @throws {SilenceError} when it hangs; it is killed then */
  async function hear(current: Started, signal: AbortSignal): Promise<FromRunner> {
    try {
      return await current.inbox.next(options.silence, signal);
    } catch (error) {
      if (error instanceof SilenceError) await kill(current);
      throw error;
    }
  }

  return {
    pid: () => started?.child.pid,

    async *ask(question, signal) {
      const current = await running(signal);
      const id = ++lastId;
      let over = false;
      try {
        tell(current, { type: "ask", id, ...question });
        while (!over) {
          const part = await hear(current, signal);
          if (part.type === "ready" || part.type === "progress" || part.id !== id) continue;
          over = part.type !== "text";
          yield part;
        }
      } finally {
        if (!over && started === current) await stop(current, id);
      }
    },

    async close() {
      closed = true;
      if (started) await kill(started);
    },
  };

  /** Makes it stop answering, and kills it when it does not listen. */
  async function stop(current: Started, id: number): Promise<void> {
    tell(current, { type: "abort", id });
    const deadline = Date.now() + options.grace;
    try {
      for (;;) {
        const part = await current.inbox.next(Math.max(0, deadline - Date.now()));
        if ((part.type === "end" || part.type === "failed") && part.id === id) return;
      }
    } catch {
      await kill(current);
    }
  }
}

/** A message to a process that ended just now is lost; its end is noticed by whoever waits for the answer. */
function tell({ child }: Started, message: ToRunner): void {
  if (child.connected) child.send(message, () => {});
}

function lastLine(complaints: string): string {
  const line = complaints
    .trim()
    .split("\n")
    .findLast((each) => /error/i.test(each));
  const text = line ?? complaints.trim().split("\n").at(-1) ?? "";
  return text === "" ? "" : ` (${text.trim()})`;
}
