import type { PendingOperation, ResourceState } from "./checkpoint.ts";
import { ProviderHost } from "./providers/provider-host.ts";
import { interruptedAt, isUncertain, reported, type StepContext, withTimeLimit } from "./step-context.ts";
import type { Urn } from "./urn.ts";
import { revealAll } from "./values.ts";

/** A resource is protected and would have to go. */
export class ProtectedResourceError extends Error {
  override readonly name = "ProtectedResourceError";

  constructor(state: ResourceState, what: string) {
    super(`cannot ${what} ${state.urn}: it is protected. Set protect to false in the program and run up first`);
  }
}

/** How a resource goes. */
export interface DeleteOptions {
  /** It is the old half of a replacement. */
  readonly replaced?: boolean;
  /** Its entry stays until the new one is made, so that what depends on it does not dangle. */
  readonly keepEntry?: boolean;
  /** Resources that go too: with one of them gone, this one is gone by itself. */
  readonly gone?: ReadonlySet<Urn>;
}

/**
 * Deletes one resource and takes it out of the state.
 * @returns the entry that is left with `keepEntry`
 */
export async function deleteResource(
  context: StepContext,
  state: ResourceState,
  options: DeleteOptions = {},
): Promise<ResourceState> {
  const since = performance.now();
  const { journal, reporter } = context;
  const silent = state.pendingReplacement === true || ProviderHost.isDefault(state);
  const resource = reported(state);
  const facts = { ...(options.replaced && { replaced: true }), ...(state.retainOnDelete && { retained: true }) };
  let pending: PendingOperation | undefined;
  try {
    if (state.protect && !state.delete)
      throw new ProtectedResourceError(state, options.replaced ? "replace" : "delete");
    if (!silent && !context.preview) reporter.started(resource, "delete");
    if (needsCall(state, options.gone) && !context.preview) {
      pending = journal.begin("deleting", state);
      await journal.save();
      await callDelete(context, state);
    }
  } catch (error) {
    // When nobody can tell whether it is gone, the note stays and the next run deletes it again.
    if (pending && !isUncertain(error)) journal.end(pending);
    await journal.saveIfChanged();
    reporter.failedResource(resource, "delete", error, since);
    throw error;
  }
  journal.end(pending, ...interruptedAt(context, state.urn, "deleting"));
  const left = { ...state, pendingReplacement: true };
  if (options.keepEntry) journal.replace(state, left);
  else journal.remove(state);
  await journal.saveIfChanged();
  if (!silent) reporter.finished(resource, "delete", { since, ...facts });
  return left;
}

/** Whether deleting it takes a call to its provider. */
export function needsCall(state: ResourceState, gone: ReadonlySet<Urn> | undefined): boolean {
  if (!state.custom || state.external || state.pendingReplacement || state.retainOnDelete) return false;
  if (ProviderHost.isProviderType(state.type)) return false;
  return !(state.deletedWith && gone?.has(state.deletedWith));
}

async function callDelete(context: StepContext, state: ResourceState): Promise<void> {
  const provider = context.providers.resource(state.type, state.urn, state.provider);
  await withTimeLimit("delete", state.customTimeouts, (signal) =>
    provider.delete(state.id ?? "", revealAll(state.outputs), signal),
  );
}
