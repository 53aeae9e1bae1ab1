import { lockStack } from "./lock.ts";
import { openStore } from "./open-store.ts";
import { readProject } from "./project.ts";
import type { StackOptions } from "./session.ts";
import { listResources, StateError } from "./stack-state.ts";
import { stateFiles } from "./state-files.ts";
import { STACK_TYPE } from "./urn.ts";

/**
 * Removes what is kept of a stack that has no resources any more: its state, its backups and its history. Its
 * settings stay. Nothing happens when nothing is there.
 *
 * @throws StateError when it has resources; StackLockedError, CorruptStateError, WrongPassphraseError
 */
export async function removeStack(
  options: Pick<StackOptions, "projectDirectory" | "stack" | "backend" | "environment" | "passphrase">,
): Promise<void> {
  const { name: project } = await readProject(options.projectDirectory);
  const files = stateFiles(openStore(options), { project, stack: options.stack });
  const release = await lockStack(files.locks, { wait: 0, notice: () => {} });
  try {
    const left = (await listResources(options)).filter(
      ({ id, type, pending }) => type !== STACK_TYPE && (id !== undefined || pending !== undefined),
    );
    if (left.length > 0) {
      throw new StateError(
        `stack ${options.stack} still has ${left.length} resources, such as ${left[0]?.urn}: destroy it first`,
      );
    }
    for (const part of [files.history, files.backups]) await files.store.removeAll(part);
    for (const file of [files.backup, files.corrupt, files.checkpoint]) await files.store.remove(file);
  } finally {
    await release();
  }
  await files.store.removeAll(files.lockFolder);
}
