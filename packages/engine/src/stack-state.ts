import { MalformedCheckpointError, parseCheckpoint, type ResourceState } from "./checkpoint.ts";
import { stackOutputs } from "./deployment.ts";
import type { UpdateResult } from "./events.ts";
import { type LockHolder, lockStack, removeLocks } from "./lock.ts";
import { isBucket, openStore } from "./open-store.ts";
import { openCrypter } from "./passphrase.ts";
import { readProject } from "./project.ts";
import { type Repair, repaired } from "./repaired.ts";
import { localDirectory, type StackOptions } from "./session.ts";
import {
  ensureBackend,
  readCheckpoint,
  restoreBackupFile,
  type StateFiles,
  stateFiles,
  writeCheckpoint,
} from "./state-files.ts";
import { UnsavedState } from "./unsaved-state.ts";
import { STACK_TYPE, type StackName, urnName } from "./urn.ts";
import { isSecret, mapValues, reveal, type Values } from "./values.ts";

type Place = Pick<StackOptions, "projectDirectory" | "stack" | "backend" | "environment" | "localDirectory">;
type Opened = Place & Pick<StackOptions, "passphrase">;

/** A stack's outputs as the last update left them; none when it was never deployed. */
export async function outputs(options: Opened): Promise<UpdateResult["outputs"]> {
  const { resources } = await open(options);
  return stackOutputs(resources.find((state) => state.type === STACK_TYPE));
}

/**
 * Does work that nobody else's work on the stack may come between.
 *
 * @throws StackLockedError
 */
export async function lockedStack<Result>(options: StackOptions, work: () => Promise<Result>): Promise<Result> {
  const release = await lockStack((await filesOf(options)).locks, {
    wait: options.waitForLock ?? 0,
    notice: (message) => options.onEvent?.({ type: "notice", message }),
    signal: options.signal,
  });
  try {
    return await work();
  } finally {
    await release();
  }
}

/** A resource of a stack's state, as it is shown. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id?: string | undefined;
  readonly parent?: string | undefined;
  readonly protected: boolean;
  /** What an interrupted run was doing with it. */
  readonly pending?: string | undefined;
  /** It was replaced, and is to be deleted yet. */
  readonly toBeDeleted: boolean;
  readonly inputs: Values;
  readonly outputs: Values;
  /** RFC 3339 */
  readonly created?: string | undefined;
  readonly modified?: string | undefined;
}

/** What a stack's state holds, in its order. Secrets are `[secret]`, unless they are asked for. */
export async function listResources(options: Opened & { readonly showSecrets?: boolean }): Promise<StateResource[]> {
  const { resources, pendingOperations } = await open(options);
  const shown = options.showSecrets ? reveal : masked;
  const show = (state: ResourceState, pending?: string): StateResource => ({
    urn: state.urn,
    type: state.type,
    name: urnName(state.urn),
    id: state.id,
    parent: state.parent,
    protected: state.protect === true,
    pending,
    toBeDeleted: state.delete === true,
    inputs: mapValues(state.inputs, shown),
    outputs: mapValues(state.outputs, shown),
    created: state.created,
    modified: state.modified,
  });
  const known = new Set(resources.map(({ urn }) => urn));
  const begun = pendingOperations.filter(({ resource }) => !known.has(resource.urn));
  return [
    ...resources.map((state) =>
      show(state, pendingOperations.find(({ resource }) => resource.urn === state.urn)?.type),
    ),
    ...begun.map(({ resource, type }) => show(resource, type)),
  ];
}

function masked(value: unknown): unknown {
  if (isSecret(value)) return "[secret]";
  if (Array.isArray(value)) return value.map(masked);
  return typeof value === "object" && value !== null ? mapValues(value as Values, masked) : value; // JSON
}

/**
 * A stack's state as text in the form of `pulumi stack export`. Its secrets stay encrypted, so whoever imports it needs
 * the same passphrase.
 *
 * @throws StateError when the stack was never deployed; CorruptStateError
 */
export async function exportState(options: Place): Promise<string> {
  const files = await filesOf(options);
  if (!(await readCheckpoint(files)))
    throw new StateError(`stack ${options.stack} has no state: it was never deployed`);
  const stored: { checkpoint: { latest: unknown } } = JSON.parse((await files.store.read(files.checkpoint)) ?? "");
  return `${JSON.stringify({ version: 3, deployment: stored.checkpoint.latest }, null, 2)}\n`;
}

/** The state that was to be imported is not one, or not this stack's, or there is none. Nothing was changed. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/**
 * Puts a state that was exported in place of a stack's. The one that was there stays beside it as `<stack>.json.bak`.
 *
 * @returns how many resources it has
 * @throws StateError, StackLockedError, WrongPassphraseError: nothing was changed
 */
export async function importState(options: Opened, text: string): Promise<number> {
  const files = await filesOf(options);
  const { name: project } = await readProject(options.projectDirectory);
  const full = `organization/${project}/${options.stack}`;
  const { deployment, sealed } = parseExport(text, full);
  const crypter = sealed.salt === undefined ? undefined : await openCrypter(options.passphrase, sealed.salt);
  const { resources } = sealed.open(crypter);
  refuseForeign(resources, { project, stack: options.stack });
  await whileLocked(files, async () => {
    await ensureBackend(files);
    await writeCheckpoint(files, JSON.stringify({ version: 3, checkpoint: { stack: full, latest: deployment } }));
    if (isBucket(options)) await new UnsavedState(localDirectory(options), { project, stack: options.stack }).forget();
  });
  return resources.length;
}

function parseExport(text: string, stack: string) {
  try {
    const { version, deployment } = Object(JSON.parse(text)) as { version?: unknown; deployment?: unknown };
    if (version !== 3 || typeof deployment !== "object" || deployment === null) {
      throw new StateError("this is not a state: it has no version 3 with a deployment, as `state export` writes it");
    }
    const sealed = parseCheckpoint(JSON.stringify({ version: 3, checkpoint: { stack, latest: deployment } }));
    return { deployment, sealed };
  } catch (cause) {
    if (cause instanceof StateError) throw cause;
    const reason = cause instanceof MalformedCheckpointError ? cause.message : String(cause);
    throw new StateError(`this is not a state as \`state export\` writes it: ${reason}`, { cause });
  }
}

function refuseForeign(resources: readonly ResourceState[], { project, stack }: StackName): void {
  const foreign = resources.find(({ urn }) => !urn.startsWith(`urn:pulumi:${stack}::${project}::`));
  if (foreign) {
    throw new StateError(
      `this is the state of another stack: it has ${foreign.urn}, and this is stack ${stack} of project ${project}`,
    );
  }
}

/** What `repairState` has done. */
export interface StateRepair extends Repair {
  /** The state could not be read; the one before the last write is in its place, the broken one beside it. */
  readonly restored: boolean;
}

/**
 * Mends a state that no operation can work with: one that cannot be read is replaced by its backup; what points to
 * resources that are not there, stands twice, or stands before what it needs, is put right. What exists in the cloud is
 * not touched: `refresh` reads it afterwards.
 *
 * @throws StackLockedError, WrongPassphraseError; an error when the backup cannot be read either
 */
export async function repairState(options: Opened): Promise<StateRepair> {
  const files = await filesOf(options);
  return whileLocked(files, async () => {
    const restored = await readCheckpoint(files).then(
      () => false,
      async () => {
        await restoreBackupFile(files);
        return true;
      },
    );
    const text = await files.store.read(files.checkpoint);
    if (text === undefined) throw new StateError(`stack ${options.stack} has no state: it was never deployed`);
    const { text: mended, ...repair } = repaired(text);
    if (repair.changes.length > 0) await writeCheckpoint(files, mended);
    return { restored, ...repair };
  });
}

async function whileLocked<Result>(files: StateFiles, work: () => Promise<Result>): Promise<Result> {
  const release = await lockStack(files.locks, { wait: 0, notice: () => {} });
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Removes a stack's locks, e.g. of a run that was killed on another machine. @returns who held them */
export async function cancel(options: Place): Promise<LockHolder[]> {
  return removeLocks((await filesOf(options)).locks);
}

/** Puts the checkpoint before the last write back; the one that is there stays beside it as `<stack>.json.corrupt`. */
export async function restoreBackup(options: Place): Promise<void> {
  await restoreBackupFile(await filesOf(options));
}

async function open(options: Opened) {
  const sealed = await readCheckpoint(await filesOf(options));
  if (!sealed) return { resources: [], pendingOperations: [] };
  return sealed.open(sealed.salt === undefined ? undefined : await openCrypter(options.passphrase, sealed.salt));
}

async function filesOf({ projectDirectory, stack, ...place }: Place): Promise<StateFiles> {
  const { name } = await readProject(projectDirectory);
  return stateFiles(openStore(place), { project: name, stack });
}
