import { MalformedCheckpointError, parseCheckpoint, type SealedCheckpoint } from "./checkpoint.ts";
import type { Locks } from "./lock.ts";
import type { StateStore } from "./state-store.ts";
import type { StackName } from "./urn.ts";

/** Where a stack's files are in the layout of Pulumi's own backends: keys of a store. */
export interface StateFiles {
  readonly store: StateStore;
  readonly checkpoint: string;
  /** The checkpoint before the last write. */
  readonly backup: string;
  /** A checkpoint that could not be read. */
  readonly corrupt: string;
  readonly locks: Locks;
  /** Folders. */
  readonly lockFolder: string;
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
      `the state file ${files.store.describe(files.checkpoint)} cannot be read (${reason}). Nothing was changed. ` +
        `The checkpoint before it is ${files.store.describe(files.backup)}; restore it and run refresh.`,
      { cause },
    );
    this.path = files.store.describe(files.checkpoint);
    this.backup = files.store.describe(files.backup);
  }
}

export function stateFiles(store: StateStore, { project, stack }: StackName): StateFiles {
  const checkpoint = `.pulumi/stacks/${project}/${stack}.json`;
  const lockFolder = `.pulumi/locks/organization/${project}/${stack}`;
  return {
    store,
    checkpoint,
    backup: `${checkpoint}.bak`,
    corrupt: `${checkpoint}.corrupt`,
    locks: store.locks(lockFolder),
    lockFolder,
    history: `.pulumi/history/${project}/${stack}`,
    backups: `.pulumi/backups/${project}/${stack}`,
    meta: ".pulumi/meta.yaml",
  };
}

/**
 * Reads a stack's checkpoint, `undefined` when it has none yet.
 * @throws CorruptStateError
 */
export async function readCheckpoint(files: StateFiles): Promise<SealedCheckpoint | undefined> {
  const text = await files.store.read(files.checkpoint);
  if (text === undefined) {
    await refuseOtherForms(files);
    return undefined;
  }
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    throw new CorruptStateError(files, error.message, error);
  }
}

export async function writeCheckpoint(files: StateFiles, text: string): Promise<void> {
  await files.store.write(files.checkpoint, text, files.backup);
}

/** A state that the CLI keeps in another form must not be taken for none, or everything would be made once more. */
async function refuseOtherForms({ store, checkpoint }: StateFiles): Promise<void> {
  const [, folder = "", name = ""] = /^(.*)\/([^/]+)$/.exec(checkpoint) ?? [];
  const compressed = (await store.names(folder)).includes(`${name}.gz`);
  const old = compressed ? [] : await store.names(".pulumi/stacks");
  const found = compressed ? `${checkpoint}.gz` : old.find((one) => one === name || one === `${name}.gz`);
  if (found === undefined) return;
  const advice = compressed
    ? "run `pulumi up` once without PULUMI_DIY_BACKEND_GZIP, which writes it uncompressed"
    : "bring the backend to the present layout with `pulumi state upgrade`";
  throw new Error(
    `the stack's state is ${store.describe(compressed ? found : `.pulumi/stacks/${found}`)}, a form that the built-in engine does not read: ${advice}`,
  );
}

/** Makes the folder or the bucket a backend that the CLI accepts. */
export async function ensureBackend({ store, meta }: StateFiles): Promise<void> {
  const text = await store.read(meta);
  if (text === undefined) return store.write(meta, "version: 1\n");
  if (/^version: *1\s*$/m.test(text)) return;
  throw new Error(`${store.describe(meta)} says ${text.trim()}; only the layout of version 1 is supported`);
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
  const { kind, startTime, endTime, result, resourceChanges, config } = entry;
  const info = { kind, startTime, message: "", environment: {}, config, result, endTime, version: 0, resourceChanges };
  const { store, checkpoint, history, backups } = files;
  await Promise.all([
    store.write(`${history}/${stack}-${nanos}.history.json`, JSON.stringify(info)),
    store.keepAs(checkpoint, `${history}/${stack}-${nanos}.checkpoint.json`),
    store.keepAs(checkpoint, `${backups}/${stack}.${nanos}.json`),
  ]);
}

/**
 * Puts the checkpoint before the last write back in place of one that cannot be read, which stays beside it as
 * `<stack>.json.corrupt`.
 * @throws when there is no readable backup
 */
export async function restoreBackupFile({ store, backup, checkpoint, corrupt }: StateFiles): Promise<void> {
  const text = await store.read(backup);
  if (text === undefined) throw new Error(`there is no backup ${store.describe(backup)}`);
  try {
    parseCheckpoint(text);
  } catch (cause) {
    throw new Error(`the backup ${store.describe(backup)} cannot be read either`, { cause });
  }
  await store.keepAs(checkpoint, corrupt);
  await store.write(checkpoint, text);
}
