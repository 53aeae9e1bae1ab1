import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { filesIn, readIfThere, WriteError, writeFailure } from "./durable-file.ts";
import type { Locks } from "./lock.ts";
import { isRunning } from "./other-process.ts";

/** How the name of a lock ends that is being written. */
const TEMPORARY = ".tmp";

/** Locks in a folder of this machine. */
export function folderLocks(folder: string): Locks {
  return {
    shortestWait: 300,
    pause: 100,
    describe: (name) => join(folder, name),
    write: (name, content) => writeLock(folder, name, JSON.stringify(content)),
    names: async () => {
      await removeHalfWritten(folder);
      return filesIn(folder);
    },
    // Nobody can tell whose a lock is that cannot be read, so it counts.
    read: (name) => readIfThere(join(folder, name)).catch(() => ""),
    remove: (name) => rm(join(folder, name), { force: true }),
    isHere: (holder) => holder.hostname === hostname(),
  };
}

async function writeLock(folder: string, name: string, text: string): Promise<void> {
  // Who writes it stands in its name, for a kill may come before there is anything in it.
  const temporary = join(folder, `${randomUUID()}.${process.pid}.${hostname()}${TEMPORARY}`);
  try {
    await mkdir(folder, { recursive: true });
    // A lock that is there in part would name nobody, and nobody could take it over.
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, join(folder, name));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(`could not lock the stack: ${writeFailure(cause)}`, { cause });
  }
}

/** What processes left that were killed while they wrote a lock. */
async function removeHalfWritten(folder: string): Promise<void> {
  for (const name of await filesIn(folder)) {
    const pid = Number(name.split(".")[1]);
    if (!name.endsWith(`.${pid}.${hostname()}${TEMPORARY}`) || isRunning(pid)) continue;
    await rm(join(folder, name), { force: true });
  }
}
