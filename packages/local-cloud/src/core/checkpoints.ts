import { Worker } from "node:worker_threads";
import type { Store } from "./store.ts";

/** Pages of the log after which a write moves them itself: 64 MB, should the thread not keep up. */
const LAST_RESORT = 16_384;

/**
 * Moves what was written from SQLite's log into the store's file, in a thread of its own: it waits for the disk for up
 * to a tenth of a second, and every model call would wait with it.
 *
 * @see https://www.sqlite.org/wal.html#checkpointing
 */
export function checkpoints(store: Store): { close(): Promise<void> } {
  store.define(`PRAGMA wal_autocheckpoint = ${LAST_RESORT}`);
  const thread = new Worker(new URL("./checkpoints-thread.ts", import.meta.url), {
    workerData: store.file,
    execArgv: [],
  });
  thread.unref();
  // Not `once` of node:events: that rejects when the thread fails, long before anybody waits for its end.
  const ended = new Promise((resolve) => thread.once("exit", resolve));
  thread.on("error", (error) => console.error("the store's log is moved by its writers from now on:", error));
  return {
    async close() {
      // Else a process with nothing left to do ends before its store is closed.
      thread.ref();
      thread.postMessage("close");
      await ended;
    },
  };
}
