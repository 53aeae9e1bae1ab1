import type { Properties } from "./adapter.ts";
import type { ResourceState } from "./checkpoint.ts";
import type { UpdateResult } from "./events.ts";
import type { Goal } from "./goal.ts";
import { deployResource } from "./resource-step.ts";
import { type StackOptions, withSession } from "./session.ts";
import { reported, type StepContext } from "./step-context.ts";
import { type Urn, urnName } from "./urn.ts";
import { markAllLike, revealAll } from "./values.ts";

export interface UpdateResourceOptions extends StackOptions {
  readonly urn: Urn | { readonly type: string; readonly name: string };
  /** Gets the inputs of the state, secrets revealed, and gives the new ones. */
  readonly change: (inputs: Properties) => Properties;
}

/**
 * Updates one resource from the checkpoint, without running the program: a Worker with a new bundle, for instance. It is
 * refused when it would replace the resource.
 */
export async function updateResource(options: UpdateResourceOptions): Promise<UpdateResult> {
  return withSession(options, { operation: "update-resource", preview: false, order: "in place" }, async (session) => {
    const context = await session.context;
    const old = findResource(context, options.urn);
    const since = performance.now();
    try {
      const inputs = markAllLike(options.change(revealAll(old.inputs)), old.inputs);
      await refuseReplacement(context, old, inputs);
      await deployResource(context, {
        goal: goalOf(old, inputs),
        urn: old.urn,
        old,
        providerReference: old.provider ?? "",
        claim: async () => {},
        isRegistered: () => true,
      });
    } catch (error) {
      context.reporter.failedResource(reported(old), "update", error, since);
    }
  });
}

/** @throws when the state has none, or several */
export function findResource(
  { journal }: Pick<StepContext, "journal">,
  wanted: UpdateResourceOptions["urn"],
): ResourceState {
  const found = journal.resources.filter((state) =>
    typeof wanted === "string"
      ? state.urn === wanted
      : state.type === wanted.type && urnName(state.urn) === wanted.name,
  );
  const [state, another] = found.filter(({ delete: replaced }) => !replaced);
  const name = typeof wanted === "string" ? wanted : `${wanted.type} ${wanted.name}`;
  if (!state) throw new Error(`the state has no ${name}: run up first`);
  if (another) throw new Error(`the state has several ${name}: give the URN`);
  return state;
}

async function refuseReplacement({ providers }: StepContext, old: ResourceState, inputs: Properties): Promise<void> {
  const provider = providers.resource(old.type, old.urn, old.provider);
  const olds = { id: old.id ?? "", inputs: revealAll(old.inputs), outputs: revealAll(old.outputs) };
  const { replace } = await provider.diff(olds, revealAll(inputs));
  if (replace.length > 0) throw new Error(`a change of ${replace.join(", ")} replaces it: run up`);
}

/** The wish that would have led to this state, with other inputs. */
export function goalOf(state: ResourceState, inputs: Properties): Goal {
  return {
    type: state.type,
    name: urnName(state.urn),
    custom: true,
    parent: state.parent ?? "",
    inputs,
    protect: state.protect ?? false,
    provider: state.provider ?? "",
    version: "",
    dependencies: state.dependencies ?? [],
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies ?? {}).map(([key, urns]) => [key, urns ?? []]),
    ),
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: state.additionalSecretOutputs ?? [],
    aliases: [],
    importId: "",
    customTimeouts: state.customTimeouts ?? undefined,
    retainOnDelete: state.retainOnDelete ?? false,
    deletedWith: state.deletedWith ?? "",
  };
}
