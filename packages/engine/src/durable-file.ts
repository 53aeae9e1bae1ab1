import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file could not be written; the one that was there is as before. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/**
 * Replaces a file so that after a crash or a power cut either the old or the new one is there in full: temporary file in
 * the same folder, fsync, rename, fsync of the folder.
 * @param backup where the file that is replaced stays
 * @throws WriteError when the disk is full or the folder is not writable
 */
export async function writeDurably(path: string, text: string, backup?: string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (backup !== undefined) await keepAs(path, backup);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(`could not write ${path}: ${writeFailure(cause)}; the file is as it was before`, { cause });
  }
}

/** Removes a file that was written durably, with what a kill in the middle of that left beside it. */
export async function removeDurable(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await filesIn(folder);
  const left = names.filter((name) => name.startsWith(`.${basename(path)}.`) && name.endsWith(".tmp"));
  for (const name of [...left, basename(path)]) await rm(join(folder, name), { force: true });
}

/** A file's text, `undefined` when it is not there. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The names of a folder's files, none when it is not there. */
export async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Gives a file a second name, replacing what had that name. The content is shared, not copied. */
export async function keepAs(path: string, name: string): Promise<void> {
  const temporary = join(dirname(name), `.${basename(name)}.${randomUUID()}.tmp`);
  try {
    await link(path, temporary);
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return;
    throw error;
  }
  await rename(temporary, name);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a file could not be written, and what to do. */
export function writeFailure(cause: unknown): string {
  if (!isNodeError(cause)) return String(cause);
  if (cause.code === "ENOSPC") return "the disk is full (ENOSPC); free some space and run the command again";
  if (cause.code === "EDQUOT") return "the disk quota is used up (EDQUOT)";
  if (cause.code === "EACCES" || cause.code === "EROFS") return `no permission to write there (${cause.code})`;
  return cause.message;
}

export function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}
