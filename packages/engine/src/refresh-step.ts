import type { ResourceState } from "./checkpoint.ts";
import { findCreated } from "./interrupted-create.ts";
import { diffProperties } from "./property-diff.ts";
import { ProviderHost } from "./providers/provider-host.ts";
import { markOutputs } from "./resource-state.ts";
import { Semaphore } from "./semaphore.ts";
import { showChanges } from "./show-changes.ts";
import { reported, type StepContext, withTimeLimit } from "./step-context.ts";
import { matchesTarget } from "./urn.ts";
import { markAllLike, markNamed, revealAll, same } from "./values.ts";

/** Brings the state to what the API says: reads every resource, and ends what an earlier run left open. */
export async function refreshAll(
  context: StepContext,
  parallel: number,
  targets: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const steps = new Semaphore(parallel);
  const isTarget = (urn: string) => targets.length === 0 || targets.some((target) => matchesTarget(urn, target));
  if (!context.preview) await settleInterrupted(context, isTarget);
  const states = context.journal.resources.filter(
    (state) =>
      state.custom && !ProviderHost.isProviderType(state.type) && !state.pendingReplacement && isTarget(state.urn),
  );
  await Promise.all(
    states.map((state) =>
      steps.run(async () => {
        if (signal?.aborted) return;
        await refreshOne(context, state);
      }),
    ),
  );
  await context.journal.saveIfChanged();
}

async function refreshOne(context: StepContext, state: ResourceState): Promise<void> {
  const since = performance.now();
  const { journal, providers, reporter } = context;
  try {
    const provider = providers.resource(state.type, state.urn, state.provider);
    const olds = { inputs: revealAll(state.inputs), outputs: revealAll(state.outputs) };
    const found = await withTimeLimit("read", state.customTimeouts, (signal) =>
      provider.read(state.id ?? "", olds, signal),
    );
    if (!found) {
      journal.remove(state);
      reporter.finished(reported(state), "delete", { since, ...(state.delete && { replaced: true }) });
      return;
    }
    const inputs = markAllLike(found.inputs, state.inputs);
    const outputs = markAllLike(markOutputs(found.outputs, inputs, state.additionalSecretOutputs ?? []), state.outputs);
    const changes = diffProperties(state.outputs, outputs);
    if (changes.length === 0 && same(inputs, state.inputs)) {
      reporter.finished(reported(state), "same");
      return;
    }
    const marked = markNamed(inputs, state.additionalSecretOutputs ?? []);
    journal.replace(state, { ...state, id: found.id, inputs: marked, outputs });
    reporter.finished(reported(state), "refresh", { since, changes: showChanges(changes, []) });
  } catch (error) {
    reporter.failedResource(reported(state), "refresh", error, since);
  }
}

/** What an interrupted run made is taken into the state when it can be found; nothing is left pending. */
async function settleInterrupted(context: StepContext, isTarget: (urn: string) => boolean): Promise<void> {
  const { journal, providers, reporter } = context;
  for (const operation of context.interrupted) {
    const { resource } = operation;
    if (!isTarget(resource.urn)) continue;
    if (operation.type === "creating") {
      const old = journal.find(resource.urn);
      const provider = providers.resource(resource.type, resource.urn, resource.provider);
      const found = await findCreated(provider, resource, resource, old?.id).catch(() => undefined);
      if (found && !old) {
        const outputs = markOutputs(found.existing.outputs, resource.inputs, resource.additionalSecretOutputs ?? []);
        journal.settle(undefined, { ...resource, id: found.existing.id, outputs });
        reporter.finished(reported(resource), "import");
        journal.end(operation);
      } else if (!found) {
        journal.end(operation);
      }
    } else if (operation.type !== "updating") {
      journal.end(operation);
    }
  }
}
