import type { ResourceState } from "./checkpoint.ts";
import { deleteResource } from "./delete-step.ts";
import { referencesOf } from "./journal.ts";
import { tellLosses } from "./losses.ts";
import { ProviderHost } from "./providers/provider-host.ts";
import type { StepContext } from "./step-context.ts";
import type { Urn } from "./urn.ts";
import { mapValues, revealAll, UNKNOWN } from "./values.ts";

/** How the one that is replaced keeps the others in order. */
export interface DependantOptions {
  readonly claim: (urns: readonly Urn[], work: () => Promise<void>) => Promise<void>;
  readonly isRegistered: (urn: Urn) => boolean;
}

/**
 * Before a resource is deleted to be made anew: deletes what depends on it and would itself be replaced because of that,
 * the outermost first. The program registers them again and makes them anew.
 */
export async function replaceDependants(
  context: StepContext,
  old: ResourceState,
  options: DependantOptions,
): Promise<void> {
  const affected = await affectedBy(context, old, options.isRegistered);
  if (affected.length === 0) return;
  await options.claim(
    affected.map((state) => state.urn),
    async () => {
      const gone = new Set([old.urn]);
      await tellLosses(context, affected, gone);
      for (const state of affected.toReversed()) {
        await deleteResource(context, state, { replaced: true, keepEntry: true, gone });
      }
    },
  );
}

async function affectedBy(
  context: StepContext,
  old: ResourceState,
  isRegistered: (urn: Urn) => boolean,
): Promise<ResourceState[]> {
  const replaced = new Set([old.urn]);
  const affected: ResourceState[] = [];
  for (const state of context.journal.base) {
    if (state === old || !state.custom || state.delete || state.pendingReplacement || state.external) continue;
    if (ProviderHost.isProviderType(state.type) || isRegistered(state.urn)) continue;
    if (![...referencesOf(state)].some((urn) => replaced.has(urn))) continue;
    if (await wouldBeReplaced(context, state, replaced)) {
      replaced.add(state.urn);
      affected.push(state);
    }
  }
  return affected;
}

/** What comes from a resource that is made anew is not known yet: does that force a replacement? */
async function wouldBeReplaced(
  context: StepContext,
  state: ResourceState,
  replaced: ReadonlySet<Urn>,
): Promise<boolean> {
  if (state.deletedWith && replaced.has(state.deletedWith)) return true;
  const comesFrom = (property: string) =>
    (state.propertyDependencies?.[property] ?? []).some((urn) => replaced.has(urn));
  const inputs = revealAll(state.inputs);
  const news = mapValues(inputs, (value, property) => (comesFrom(property) ? UNKNOWN : value));
  const provider = context.providers.resource(state.type, state.urn, state.provider);
  const diff = await provider.diff({ id: state.id ?? "", inputs, outputs: revealAll(state.outputs) }, news);
  return diff.replace.length > 0;
}
