import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/** ms between two looks at the log. */
const EVERY = 500;

const file = workerData as string; // set by ./checkpoints.ts
let database: DatabaseSync | undefined;
let moved = 0;

const timer = setInterval(() => {
  const written = statSync(`${file}-wal`, { throwIfNoEntry: false })?.mtimeMs ?? moved;
  if (written === moved) return;
  // Whatever is in the way now (a reader, a full disk) is not there for ever.
  try {
    database ??= new DatabaseSync(file);
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    moved = written;
  } catch {}
}, EVERY);

parentPort?.once("message", () => {
  clearInterval(timer);
  database?.close();
});
