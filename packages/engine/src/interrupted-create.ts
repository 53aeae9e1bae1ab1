import type { ResourceState } from "./checkpoint.ts";
import type { ExistingResource, ResourceProvider } from "./providers/provider.ts";
import { interruptedAt, type StepContext, withTimeLimit } from "./step-context.ts";
import { revealAll, type Values } from "./values.ts";

/** What an interrupted create left behind. */
export interface Recovered {
  readonly existing: ExistingResource;
  /** Whether it still has to be brought to what the program wants. */
  readonly needsUpdate: boolean;
}

/**
 * After a crash in mid-create: looks for what was made, by its natural name, so that it is not made twice.
 * @param draft what is to be made now
 * @param notId the resource that is being replaced and must not be taken for the new one
 */
export async function recoverCreate(
  context: StepContext,
  provider: ResourceProvider,
  draft: ResourceState,
  notId: string | undefined,
): Promise<Recovered | undefined> {
  const [interrupted] = interruptedAt(context, draft.urn, "creating");
  if (!interrupted) return undefined;
  if (!provider.find) {
    context.reporter.diagnostic(
      "warning",
      "an earlier run was interrupted while it made this resource; it is made again, so its provider must not mind",
      draft.urn,
    );
    return undefined;
  }
  const recovered = await findCreated(provider, interrupted.resource, draft, notId);
  if (recovered)
    context.reporter.notice(`${draft.urn}: found what an interrupted run had made (${recovered.existing.id})`);
  return recovered;
}

/**
 * Looks for what a create with an uncertain end has made.
 * @param attempted what was sent
 * @param wanted what is to be there
 */
export async function findCreated(
  provider: ResourceProvider,
  attempted: ResourceState,
  wanted: ResourceState,
  notId: string | undefined,
): Promise<Recovered | undefined> {
  const inputs = revealAll(attempted.inputs);
  const existing = await withTimeLimit("read", wanted.customTimeouts, (signal) => look(provider, inputs, signal));
  if (!existing || existing.id === notId) return undefined;
  const { changed, replace } = await provider.diff(existing, revealAll(wanted.inputs));
  // Somebody else's resource of the same name: making ours tells the user about the conflict.
  if (replace.length > 0) return undefined;
  return { existing, needsUpdate: changed };
}

async function look(
  provider: ResourceProvider,
  inputs: Values,
  signal: AbortSignal,
): Promise<ExistingResource | undefined> {
  const found = await provider.find?.(inputs, signal);
  if (!found) return undefined;
  return provider.read(found.id, { inputs, outputs: found.outputs }, signal);
}
