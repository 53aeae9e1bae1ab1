import { goTime, type ResourceState } from "./checkpoint.ts";
import type { Goal } from "./goal.ts";
import type { Urn } from "./urn.ts";
import { isObject, markAllLike, markNamed, same, type Values } from "./values.ts";

/** A resource's state as the program wants it, not made yet. */
export function draftState(goal: Goal, urn: Urn, provider: string | undefined, inputs: Values): ResourceState {
  const now = goTime(new Date());
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs,
    outputs: {},
    parent: goal.parent || undefined,
    protect: goal.protect || undefined,
    dependencies: goal.dependencies,
    provider,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    customTimeouts: goal.customTimeouts,
    importID: goal.importId || undefined,
    retainOnDelete: goal.retainOnDelete || undefined,
    deletedWith: goal.deletedWith || undefined,
    created: now,
    modified: now,
  };
}

/** Outputs with the secret marks of the inputs they came from and those the program asks for. */
export function markOutputs(outputs: Values, inputs: Values, additional: readonly string[]): Values {
  return markNamed(markAllLike(outputs, inputs), additional);
}

/**
 * The state of a resource whose inputs did not change. It is the old object itself when nothing at all is different, so
 * nothing needs to be written.
 */
export function unchangedState(old: ResourceState, draft: ResourceState): ResourceState {
  const outputs = markOutputs(old.outputs, draft.inputs, draft.additionalSecretOutputs ?? []);
  const state: ResourceState = {
    ...old,
    ...draft,
    id: old.id,
    inputs: same(old.inputs, draft.inputs) ? old.inputs : draft.inputs,
    outputs: same(old.outputs, outputs) ? old.outputs : outputs,
    importID: draft.importID ?? old.importID,
    created: old.created,
    modified: old.modified,
  };
  return same(comparable(old), comparable(state)) ? old : state;
}

/** Without what is empty, and with lists whose order has no meaning in one order. */
function comparable(state: ResourceState): Values {
  const properties = Object.entries(state.propertyDependencies ?? {}).map(([key, urns]) => [
    key,
    [...(urns ?? [])].sort(),
  ]);
  const entries = Object.entries({
    ...state,
    dependencies: [...(state.dependencies ?? [])].sort(),
    propertyDependencies: Object.fromEntries(properties),
  });
  return Object.fromEntries(entries.filter(([, value]) => !isNothing(value)));
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}
