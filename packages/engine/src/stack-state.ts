import { stackOutputs } from "./deployment.ts";
import type { UpdateResult } from "./events.ts";
import { type LockHolder, removeLocks } from "./lock.ts";
import { openCrypter } from "./passphrase.ts";
import { readProject } from "./project.ts";
import type { StackOptions } from "./session.ts";
import { readCheckpoint, restoreBackupFile, type StateFiles, stateFiles } from "./state-files.ts";
import { STACK_TYPE } from "./urn.ts";

type Place = Pick<StackOptions, "projectDirectory" | "stack" | "stateDirectory">;

/** A stack's outputs as the last update left them; none when it was never deployed. */
export async function outputs(options: Place & Pick<StackOptions, "passphrase">): Promise<UpdateResult["outputs"]> {
  const sealed = await readCheckpoint(await filesOf(options));
  if (!sealed) return {};
  const crypter = sealed.salt === undefined ? undefined : await openCrypter(options.passphrase, sealed.salt);
  return stackOutputs(sealed.open(crypter).resources.find((state) => state.type === STACK_TYPE));
}

/** Removes a stack's locks, e.g. of a run that was killed on another machine. @returns who held them */
export async function cancel(options: Place): Promise<LockHolder[]> {
  return removeLocks((await filesOf(options)).locks);
}

/** Puts the checkpoint before the last write back; the one that is there stays beside it as `<stack>.json.corrupt`. */
export async function restoreBackup(options: Place): Promise<void> {
  await restoreBackupFile(await filesOf(options));
}

async function filesOf({ projectDirectory, stack, stateDirectory }: Place): Promise<StateFiles> {
  const { name } = await readProject(projectDirectory);
  return stateFiles(stateDirectory, { project: name, stack });
}
