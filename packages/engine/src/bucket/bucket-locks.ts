import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { Locks } from "../lock.ts";
import type { StateStore } from "../state-store.ts";

/**
 * Locks in a bucket, seen by other machines. Theirs may have this one's host name, as containers and CI runners do, so a
 * lock says from which space of process numbers it is.
 */
export function bucketLocks(store: StateStore, folder: string): Locks {
  const machine = processSpace();
  return {
    // A try takes three requests.
    shortestWait: 2_000,
    pause: 400,
    describe: (name) => store.describe(`${folder}/${name}`),
    write: (name, content) => store.write(`${folder}/${name}`, JSON.stringify({ ...content, machine })),
    names: () => store.names(folder),
    read: (name) => store.read(`${folder}/${name}`),
    remove: (name) => store.remove(`${folder}/${name}`),
    isHere: (holder) => holder.machine === machine,
  };
}

/** Equal for processes that see each other by their number. It changes with a restart of the machine. */
function processSpace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    // Not Linux: names that tell people's machines apart.
    return `${process.platform} ${hostname()} ${userInfo().username}`;
  }
}
