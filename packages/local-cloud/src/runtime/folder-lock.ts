import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process owns the folder. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

/** The ownership of a cloud's folder. */
export interface FolderLock {
  /** Says where the owner answers, for those who come too late. */
  announce(url: string): void;
  release(): void;
}

/**
 * Makes this process the folder's only owner. The lock is one that the operating system keeps (a SQLite transaction
 * that stays open), so a killed owner leaves none behind. `owner.json` beside it is for people.
 *
 * @throws {FolderInUseError} naming the owner.
 */
export function lockFolder(directory: string): FolderLock {
  const database = new DatabaseSync(join(directory, "owner.lock"));
  const about = join(directory, "owner.json");
  try {
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new FolderInUseError(
      `the folder ${directory} is in use by another local cloud${describeOwner(about)}. ` +
        "Stop that one first, or choose another folder.",
      { cause },
    );
  }
  const started = new Date().toISOString();
  const announce = (url?: string) => writeFileSync(about, JSON.stringify({ pid: process.pid, started, url }));
  announce();
  return {
    announce,
    release() {
      rmSync(about, { force: true });
      if (!database.isOpen) return;
      database.exec("ROLLBACK");
      database.close();
    },
  };
}

function describeOwner(file: string): string {
  try {
    const owner = JSON.parse(readFileSync(file, "utf8")) as { pid?: number; started?: string; url?: string };
    return ` (process ${owner.pid}, since ${owner.started}${owner.url ? `, at ${owner.url}` : ""})`;
  } catch {
    return "";
  }
}
