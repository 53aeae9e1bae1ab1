import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { goTime } from "./checkpoint.ts";
import { folderLocks } from "./lock-folder.ts";
import { isRunning, startTime } from "./other-process.ts";

const LockFile = z.looseObject({
  pid: z.number(),
  username: z.string().catch(""),
  hostname: z.string().catch(""),
  timestamp: z.string().catch(""),
  machine: z.string().optional().catch(undefined),
});

/** Who works on a stack at the moment. */
export interface LockHolder {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339 */
  readonly timestamp: string;
  /** Where the lock is: a path, or an address in a bucket. */
  readonly path: string;
  /** In a bucket: from which space of process numbers it is. */
  readonly machine?: string | undefined;
}

/** The files that lock a stack, each of them `<uuid>.json`. */
export interface Locks {
  /** Locks that were made in the same moment have both to step back and try again, so even an impatient one tries this long, in ms. */
  readonly shortestWait: number;
  /** Between two tries, in ms, give or take. */
  readonly pause: number;
  describe(name: string): string;
  /** Whole, or not at all. */
  write(name: string, content: Readonly<Record<string, unknown>>): Promise<void>;
  names(): Promise<string[]>;
  read(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
  /** The holder's process can be looked for by its number here. */
  isHere(holder: LockHolder): boolean;
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

/**
 * Locks a stack with a file in the CLI's format, so that the CLI and the engine respect each other.
 * @returns releases the lock
 * @throws StackLockedError
 */
export async function lockStack(place: Locks | string, options: LockOptions): Promise<() => Promise<void>> {
  const locks = typeof place === "string" ? folderLocks(place) : place;
  const deadline = Date.now() + Math.max(options.wait, locks.shortestWait);
  const own = `${randomUUID()}.json`;
  let noticed = "";
  for (let tried = false; ; tried = true) {
    options.signal?.throwIfAborted();
    // Who waits only looks, and is in nobody's way.
    const holder =
      (tried ? await findHolder(locks, own, options.notice) : undefined) ?? (await take(locks, own, options));
    if (!holder) return () => release(locks, own, options.notice);
    if (Date.now() >= deadline) throw new StackLockedError(holder);
    if (noticed !== holder.path && options.wait > 0) {
      options.notice(`waiting for the stack, which is locked by ${describeHolder(holder)}`);
      noticed = holder.path;
    }
    const pause = locks.pause * (0.4 + Math.random() * 1.2);
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Writes a lock, and takes it back when there is another. @returns whose the other is */
async function take(locks: Locks, own: string, { notice }: LockOptions): Promise<LockHolder | undefined> {
  const since = goTime(new Date());
  await locks.write(own, { pid: process.pid, username: username(), hostname: hostname(), timestamp: since });
  try {
    const holder = await findHolder(locks, own, notice);
    if (holder) await locks.remove(own);
    return holder;
  } catch (error) {
    await locks.remove(own).catch(() => {});
    throw error;
  }
}

/** Removes every lock of a stack; gives back who held them. */
export async function removeLocks(locks: Locks): Promise<LockHolder[]> {
  const names = await lockNames(locks);
  const holders = await Promise.all(names.map((name) => readLock(locks, name)));
  await Promise.all(names.map((name) => removeLock(locks, name)));
  return holders.filter((holder) => holder !== undefined);
}

/** What was done stands, also when the lock cannot be reached any more: the next run finds nobody behind it. */
async function release(locks: Locks, name: string, notice: LockOptions["notice"]): Promise<void> {
  await locks.remove(name).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    notice(
      `the lock ${locks.describe(name)} could not be removed: ${reason}. If the next run minds it, "cancel" removes it`,
    );
  });
}

/** `process 123 (ada on laptop) since 2026-11-21 09:00:00` */
function describeHolder({ pid, username, hostname, timestamp }: LockHolder): string {
  if (pid === 0) return "an unknown process: the lock's file is empty or cut off";
  const since = Number.isNaN(Date.parse(timestamp))
    ? timestamp
    : new Date(timestamp).toISOString().slice(0, 19).replace("T", " ");
  return `process ${pid} (${username} on ${hostname}) since ${since} UTC`;
}

async function findHolder(locks: Locks, own: string, notice: LockOptions["notice"]): Promise<LockHolder | undefined> {
  for (const name of await lockNames(locks)) {
    if (name === own) continue;
    const holder = await readLock(locks, name);
    if (!holder) continue;
    if (!(await isStale(locks, holder))) return holder;
    await removeLock(locks, name);
    notice(`took over the lock of ${describeHolder(holder)}, which is not running any more`);
  }
  return undefined;
}

async function lockNames(locks: Locks): Promise<string[]> {
  return (await locks.names()).filter((name) => name.endsWith(".json"));
}

/** The CLI keeps a second file beside each of its own. */
async function removeLock(locks: Locks, name: string): Promise<void> {
  await Promise.all([name, `${name}.attrs`].map((file) => locks.remove(file)));
}

async function readLock(locks: Locks, name: string): Promise<LockHolder | undefined> {
  const path = locks.describe(name);
  const text = await locks.read(name);
  if (text === undefined) return undefined;
  try {
    return { ...LockFile.parse(JSON.parse(text)), path };
  } catch {
    // Being written at this moment, or cut off: nobody can tell, so it counts.
    return { pid: 0, username: "unknown", hostname: "unknown", timestamp: "", path };
  }
}

async function isStale(locks: Locks, holder: LockHolder): Promise<boolean> {
  if (holder.pid === 0 || !locks.isHere(holder)) return false;
  if (!isRunning(holder.pid)) return true;
  const started = await startTime(holder.pid);
  const locked = Date.parse(holder.timestamp);
  // The number was given to another process since.
  return started !== undefined && !Number.isNaN(locked) && started > locked + 2_000;
}

function username(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
