import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { goTime } from "./checkpoint.ts";
import { isNodeError, WriteError, writeFailure } from "./durable-file.ts";

const LockFile = z.looseObject({
  pid: z.number(),
  username: z.string().catch(""),
  hostname: z.string().catch(""),
  timestamp: z.string().catch(""),
});

/** Who works on a stack at the moment. */
export interface LockHolder {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339 */
  readonly timestamp: string;
  readonly path: string;
}

/** Somebody else works on the stack. */
export class StackLockedError extends Error {
  override readonly name = "StackLockedError";
  readonly holder: LockHolder;

  constructor(holder: LockHolder) {
    super(
      `the stack is locked by ${describeHolder(holder)}. Wait until it is done, or, if it is not running any more, ` +
        `remove the lock with "cancel" (${holder.path})`,
    );
    this.holder = holder;
  }
}

export interface LockOptions {
  /** How long to wait for somebody else, in ms. */
  readonly wait: number;
  /** Called once for each holder that is waited for, and for each stale lock that is taken over. */
  readonly notice: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How the name of a lock ends that is being written. */
const TEMPORARY = ".tmp";

/** Locks that were made in the same moment have both to step back and try again, so even an impatient one tries for a while. */
const SHORTEST_WAIT = 300;

/**
 * Locks a stack with a file in the CLI's format, so that the CLI and the engine respect each other.
 * @returns releases the lock
 * @throws StackLockedError
 */
export async function lockStack(folder: string, options: LockOptions): Promise<() => Promise<void>> {
  const deadline = Date.now() + Math.max(options.wait, SHORTEST_WAIT);
  let noticed = "";
  for (;;) {
    options.signal?.throwIfAborted();
    const release = await writeLock(folder);
    const holder = await findHolder(folder, release.path, options.notice);
    if (!holder) return release;
    await release();
    if (Date.now() >= deadline) throw new StackLockedError(holder);
    if (noticed !== holder.path && options.wait > 0) {
      options.notice(`waiting for the stack, which is locked by ${describeHolder(holder)}`);
      noticed = holder.path;
    }
    await sleep(40 + Math.random() * 120, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Removes every lock of a stack; gives back who held them. */
export async function removeLocks(folder: string): Promise<LockHolder[]> {
  const holders = await readLocks(folder);
  await Promise.all(holders.map(removeLock));
  return holders;
}

/** `process 123 (ada on laptop) since 2026-11-21 09:00:00` */
function describeHolder({ pid, username, hostname, timestamp }: LockHolder): string {
  if (pid === 0) return "an unknown process: the lock's file is empty or cut off";
  const since = Number.isNaN(Date.parse(timestamp))
    ? timestamp
    : new Date(timestamp).toISOString().slice(0, 19).replace("T", " ");
  return `process ${pid} (${username} on ${hostname}) since ${since} UTC`;
}

async function writeLock(folder: string): Promise<(() => Promise<void>) & { path: string }> {
  const path = join(folder, `${randomUUID()}.json`);
  // Who writes it stands in its name, for a kill may come before there is anything in it.
  const temporary = join(folder, `${randomUUID()}.${process.pid}.${hostname()}${TEMPORARY}`);
  const content = { pid: process.pid, username: username(), hostname: hostname(), timestamp: goTime(new Date()) };
  try {
    await mkdir(folder, { recursive: true });
    // A lock that is there in part would name nobody, and nobody could take it over.
    await writeFile(temporary, JSON.stringify(content), { flag: "wx" });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(`could not lock the stack: ${writeFailure(cause)}`, { cause });
  }
  return Object.assign(() => rm(path, { force: true }), { path });
}

async function findHolder(folder: string, own: string, notice: LockOptions["notice"]): Promise<LockHolder | undefined> {
  await removeHalfWritten(folder);
  for (const holder of await readLocks(folder)) {
    if (holder.path === own) continue;
    if (!(await isStale(holder))) return holder;
    await removeLock(holder);
    notice(`took over the lock of ${describeHolder(holder)}, which is not running any more`);
  }
  return undefined;
}

/** What processes left that were killed while they wrote a lock. */
async function removeHalfWritten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(name.split(".")[1]);
    if (!name.endsWith(`.${pid}.${hostname()}${TEMPORARY}`) || isRunning(pid)) continue;
    await rm(join(folder, name), { force: true });
  }
}

/** The CLI keeps a second file beside each of its own. */
async function removeLock({ path }: LockHolder): Promise<void> {
  await Promise.all([path, `${path}.attrs`].map((file) => rm(file, { force: true })));
}

async function readLocks(folder: string): Promise<LockHolder[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isNodeError(error) && error.code === "ENOENT") return [];
    throw error;
  });
  const locks = await Promise.all(
    names.filter((name) => name.endsWith(".json")).map((name) => readLock(join(folder, name))),
  );
  return locks.filter((lock) => lock !== undefined);
}

async function readLock(path: string): Promise<LockHolder | undefined> {
  try {
    const { pid, username, hostname, timestamp } = LockFile.parse(JSON.parse(await readFile(path, "utf8")));
    return { pid, username, hostname, timestamp, path };
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return undefined;
    // Being written at this moment, or cut off: nobody can tell, so it counts.
    return { pid: 0, username: "unknown", hostname: "unknown", timestamp: "", path };
  }
}

async function isStale(holder: LockHolder): Promise<boolean> {
  if (holder.pid === 0 || holder.hostname !== hostname()) return false;
  if (!isRunning(holder.pid)) return true;
  const started = await startTime(holder.pid);
  const locked = Date.parse(holder.timestamp);
  // The number was given to another process since.
  return started !== undefined && !Number.isNaN(locked) && started > locked + 2_000;
}

/** A process that may not be signalled runs, too. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(isNodeError(error) && error.code === "ESRCH");
  }
}

/** When a process started, in ms since 1970; only Linux tells. */
async function startTime(pid: number): Promise<number | undefined> {
  try {
    const [stat, system] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile("/proc/stat", "utf8")]);
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    const boot = Number(/^btime (\d+)/m.exec(system)?.[1]);
    const started = (boot + ticks / 100) * 1000;
    return Number.isNaN(started) ? undefined : started;
  } catch {
    return undefined;
  }
}

function username(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
