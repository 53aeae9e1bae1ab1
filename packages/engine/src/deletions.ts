import type { ResourceState } from "./checkpoint.ts";
import { deleteResource, ProtectedResourceError } from "./delete-step.ts";
import { referencesOf } from "./journal.ts";
import { DataLossError, tellLosses } from "./losses.ts";
import type { Semaphore } from "./semaphore.ts";
import { reported, type StepContext } from "./step-context.ts";

/**
 * Deletes a set of resources after saying what is lost with them, what depends on another before that other, the rest at the same time. What cannot be deleted
 * keeps what it depends on.
 */
export async function deleteAll(
  context: StepContext,
  states: readonly ResourceState[],
  semaphore: Semaphore,
  signal: AbortSignal | undefined,
): Promise<void> {
  const shielded = states.filter((state) => state.protect && !state.delete);
  if (shielded.length > 0) {
    for (const state of shielded) {
      context.reporter.diagnostic("error", new ProtectedResourceError(state, "delete").message, state.urn);
    }
    return;
  }
  const gone = new Set(states.filter((state) => !state.delete).map((state) => state.urn));
  try {
    await tellLosses(context, states, gone);
  } catch (error) {
    if (!(error instanceof DataLossError)) throw error;
    for (const { urn, message } of error.refusals) context.reporter.diagnostic("error", message, urn);
    return;
  }
  const dependants = dependantsAmong(states);
  const results = new Map<ResourceState, Promise<boolean>>();
  const remove = (state: ResourceState): Promise<boolean> => {
    let result = results.get(state);
    if (!result) {
      result = removeAfterDependants(state);
      results.set(state, result);
    }
    return result;
  };
  const removeAfterDependants = async (state: ResourceState): Promise<boolean> => {
    const before = await Promise.all((dependants.get(state) ?? []).map(remove));
    if (signal?.aborted) return false;
    if (before.includes(false)) {
      context.reporter.skipped(reported(state), "something that depends on it could not be deleted");
      return false;
    }
    return semaphore.run(async () => {
      if (signal?.aborted) return false;
      try {
        await deleteResource(context, state, { gone, ...(state.delete && { replaced: true }) });
        return true;
      } catch {
        return false; // reported by the step
      }
    });
  };
  await Promise.all(states.map(remove));
}

/** Who of a set has to go before whom. A state lists dependencies first, so only what stands later can depend. */
function dependantsAmong(states: readonly ResourceState[]): Map<ResourceState, ResourceState[]> {
  const dependants = new Map<ResourceState, ResourceState[]>();
  states.forEach((state, index) => {
    const later = states
      .slice(index + 1)
      .filter((other) => other.urn !== state.urn && referencesOf(other).has(state.urn));
    dependants.set(state, later);
  });
  return dependants;
}
