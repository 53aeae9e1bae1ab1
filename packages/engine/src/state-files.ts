import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MalformedCheckpointError, parseCheckpoint, type SealedCheckpoint } from "./checkpoint.ts";
import { isNodeError, keepAs, writeDurably } from "./durable-file.ts";
import type { StackName } from "./urn.ts";

/** Where a stack's files are in the layout of Pulumi's `file://` backend. */
export interface StateFiles {
  readonly checkpoint: string;
  /** The checkpoint before the last write. */
  readonly backup: string;
  readonly locks: string;
  readonly history: string;
  readonly backups: string;
  readonly meta: string;
}

/** The state file cannot be read. Nothing was overwritten; `restoreBackup` puts the one before back. */
export class CorruptStateError extends Error {
  override readonly name = "CorruptStateError";
  readonly path: string;
  readonly backup: string;

  constructor(files: StateFiles, reason: string, cause: unknown) {
    super(
      `the state file ${files.checkpoint} cannot be read (${reason}). Nothing was changed. ` +
        `The checkpoint before it is ${files.backup}; restore it and run refresh.`,
      { cause },
    );
    this.path = files.checkpoint;
    this.backup = files.backup;
  }
}

export function stateFiles(directory: string, { project, stack }: StackName): StateFiles {
  const root = join(resolve(directory), ".pulumi");
  return {
    checkpoint: join(root, "stacks", project, `${stack}.json`),
    backup: join(root, "stacks", project, `${stack}.json.bak`),
    locks: join(root, "locks", "organization", project, stack),
    history: join(root, "history", project, stack),
    backups: join(root, "backups", project, stack),
    meta: join(root, "meta.yaml"),
  };
}

/**
 * Reads a stack's checkpoint, `undefined` when it has none yet.
 * @throws CorruptStateError
 */
export async function readCheckpoint(files: StateFiles): Promise<SealedCheckpoint | undefined> {
  const text = await readIfThere(files.checkpoint);
  if (text === undefined) return undefined;
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    throw new CorruptStateError(files, error.message, error);
  }
}

export async function writeCheckpoint(files: StateFiles, text: string): Promise<void> {
  await writeDurably(files.checkpoint, text, files.backup);
}

/** Makes the folder a backend that the CLI accepts. */
export async function ensureBackend(files: StateFiles): Promise<void> {
  if ((await readIfThere(files.meta)) === undefined) await writeDurably(files.meta, "version: 1\n");
}

/** What is kept about an update that ran. */
export interface HistoryEntry {
  readonly kind: "update" | "refresh" | "destroy" | "import";
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  readonly result: "succeeded" | "failed";
  readonly resourceChanges: Record<string, number>;
  readonly config: Record<string, unknown>;
}

/** Adds an update to the stack's history, with the checkpoint it left behind. */
export async function writeHistory(files: StateFiles, stack: string, entry: HistoryEntry): Promise<void> {
  const nanos = `${BigInt(Date.now()) * 1_000_000n}`;
  await mkdir(files.history, { recursive: true });
  await mkdir(files.backups, { recursive: true });
  const { kind, startTime, endTime, result, resourceChanges, config } = entry;
  const info = { kind, startTime, message: "", environment: {}, config, result, endTime, version: 0, resourceChanges };
  await writeDurably(join(files.history, `${stack}-${nanos}.history.json`), JSON.stringify(info));
  await keepAs(files.checkpoint, join(files.history, `${stack}-${nanos}.checkpoint.json`));
  await keepAs(files.checkpoint, join(files.backups, `${stack}.${nanos}.json`));
}

/**
 * Puts the checkpoint before the last write back in place of one that cannot be read, which stays beside it as
 * `<stack>.json.corrupt`.
 * @throws when there is no readable backup
 */
export async function restoreBackupFile(files: StateFiles): Promise<void> {
  const text = await readIfThere(files.backup);
  if (text === undefined) throw new Error(`there is no backup ${files.backup}`);
  try {
    parseCheckpoint(text);
  } catch (cause) {
    throw new Error(`the backup ${files.backup} cannot be read either`, { cause });
  }
  await keepAs(files.checkpoint, `${files.checkpoint}.corrupt`);
  await writeDurably(files.checkpoint, text);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
}
