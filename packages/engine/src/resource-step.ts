import { goTime, type PendingOperation, type ResourceState } from "./checkpoint.ts";
import { deleteResource, ProtectedResourceError } from "./delete-step.ts";
import { replaceDependants } from "./dependent-replacements.ts";
import type { StepName } from "./events.ts";
import type { Goal } from "./goal.ts";
import { findCreated, type Recovered, recoverCreate } from "./interrupted-create.ts";
import { tellLosses } from "./losses.ts";
import { changesThatMatch, diffProperties, type PropertyChange } from "./property-diff.ts";
import { formatPath, markPath, parsePath, resetPath } from "./property-path.ts";
import { ResourceInitError, type ResourceProvider } from "./providers/provider.ts";
import { draftState, markOutputs, unchangedState } from "./resource-state.ts";
import { showChanges } from "./show-changes.ts";
import {
  interruptedAt,
  isUncertain,
  reported,
  type StepContext,
  StepTimeoutError,
  withTimeLimit,
} from "./step-context.ts";
import type { Urn } from "./urn.ts";
import { hasUnknown, revealAll, type Values } from "./values.ts";

/** What a step needs beside its context. */
export interface ResourceStepOptions {
  readonly goal: Goal;
  readonly urn: Urn;
  readonly old: ResourceState | undefined;
  /** `<urn>::<id>` */
  readonly providerReference: string;
  /** In place of the type's own. */
  readonly provider?: ResourceProvider;
  /** Keeps others away from resources that go because this one is replaced. */
  readonly claim: (urns: readonly Urn[], work: () => Promise<void>) => Promise<void>;
  /** What the program has registered already and must not be taken away from it. */
  readonly isRegistered: (urn: Urn) => boolean;
}

/** Everything decided about a step before anything is done. */
interface Plan extends ResourceStepOptions {
  readonly provider: ResourceProvider;
  readonly draft: ResourceState;
}

/** Brings one resource to what the program wants: finds out which step that takes, and takes it. */
export async function deployResource(context: StepContext, options: ResourceStepOptions): Promise<ResourceState> {
  const { goal, urn } = options;
  const provider = options.provider ?? context.providers.resource(goal.type, urn, options.providerReference);
  const old = await existing(context, provider, options.old);
  const inputs = await checkedInputs(provider, goal, old);
  context.reporter.redactor.learn(inputs);
  const plan: Plan = { ...options, old, provider, draft: draftState(goal, urn, options.providerReference, inputs) };
  if (goal.importId && old?.id !== goal.importId && old?.importID !== goal.importId) return importStep(context, plan);
  if (!old) return createStep(context, plan, "create", []);
  if (old.pendingReplacement) return createStep(context, plan, "replace", []);
  return changeStep(context, plan, old);
}

/** An interrupted delete may have had its effect, which only the API can tell. */
async function existing(
  context: StepContext,
  provider: ResourceProvider,
  old: ResourceState | undefined,
): Promise<ResourceState | undefined> {
  const deleting = old ? interruptedAt(context, old.urn, "deleting") : [];
  if (!old || old.pendingReplacement || deleting.length === 0) return old;
  const olds = { inputs: revealAll(old.inputs), outputs: revealAll(old.outputs) };
  const found = await withTimeLimit("read", old.customTimeouts, (signal) => provider.read(old.id ?? "", olds, signal));
  if (found) return old;
  const gone = { ...old, pendingReplacement: true };
  context.journal.end(...deleting);
  context.journal.replace(old, gone);
  return gone;
}

async function checkedInputs(provider: ResourceProvider, goal: Goal, old: ResourceState | undefined): Promise<Values> {
  let inputs = goal.inputs;
  if (old) for (const path of goal.ignoreChanges) inputs = resetPath(inputs, old.inputs, parsePath(path));
  const { inputs: checked, failures } = await provider.check(revealAll(old?.inputs ?? {}), revealAll(inputs));
  if (failures.length > 0) {
    const list = failures.map(({ property, reason }) => `  ${property}: ${reason}`).join("\n");
    throw new Error(`bad inputs:\n${list}`);
  }
  let marked = markOutputs(checked, inputs, goal.additionalSecretOutputs);
  for (const path of provider.secretInputs) marked = markPath(marked, parsePath(path));
  return marked;
}

async function changeStep(context: StepContext, plan: Plan, old: ResourceState): Promise<ResourceState> {
  const { goal, draft, provider } = plan;
  const olds = { id: old.id ?? "", inputs: revealAll(old.inputs), outputs: revealAll(old.outputs) };
  const news = revealAll(draft.inputs);
  const diff = await provider.diff(olds, news);
  const changes = diffProperties(old.inputs, draft.inputs);
  const replace = [...new Set([...diff.replace, ...changesThatMatch(changes, goal.replaceOnChanges)])];
  if (replace.length > 0) {
    if (old.protect) throw new ProtectedResourceError(old, "replace");
    const deleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    // Where the new one comes first it is said when the old one is about to go, unless it must not.
    if (deleteFirst || context.preview || context.keepData !== undefined) await tellLosses(context, [old]);
    return deleteFirst
      ? deleteFirstStep(context, plan, old, changes, replace)
      : createStep(context, plan, "replace", changes, replace);
  }
  const unfinished = interruptedAt(context, old.urn, "updating").length > 0 || (old.initErrors ?? []).length > 0;
  if (diff.changed || unfinished) return updateStep(context, plan, old, changes);
  const state = unchangedState(old, draft);
  context.journal.settle(old, state);
  context.reporter.finished(reported(state), "same");
  return state;
}

async function createStep(
  context: StepContext,
  plan: Plan,
  step: StepName,
  changes: readonly PropertyChange[],
  replace: readonly string[] = [],
): Promise<ResourceState> {
  const { draft, old } = plan;
  const since = performance.now();
  const facts = { since, changes: showChanges(changes, replace) };
  if (context.preview) {
    const outputs = markOutputs(
      plan.provider.previewCreate(revealAll(draft.inputs)),
      draft.inputs,
      draft.additionalSecretOutputs ?? [],
    );
    const state = { ...draft, outputs };
    context.journal.settle(old, state);
    context.reporter.finished(reported(state), step, facts);
    return state;
  }
  context.reporter.started(reported(draft), step);
  const pending = context.journal.begin("creating", draft);
  let made: { id: string; outputs: Values };
  try {
    await context.journal.save();
    made = await create(context, plan, pending);
  } catch (error) {
    if (error instanceof ResourceInitError) keepUnfinished(context, plan, pending, error);
    await context.journal.saveIfChanged();
    throw error;
  }
  const state = finishedState(draft, made);
  context.journal.end(pending, ...interruptedAt(context, draft.urn, "creating"));
  replaceEntry(context, old, state);
  await context.journal.save();
  context.reporter.finished(reported(state), step, facts);
  return state;
}

async function create(
  context: StepContext,
  plan: Plan,
  pending: PendingOperation,
): Promise<{ id: string; outputs: Values }> {
  const { draft, old, provider } = plan;
  const notId = old?.pendingReplacement ? undefined : old?.id;
  const recovered = await recoverCreate(context, provider, draft, notId);
  if (recovered) return adopt(plan, recovered);
  try {
    const inputs = revealAll(draft.inputs);
    return await withTimeLimit("create", draft.customTimeouts, (signal) => provider.create(inputs, signal));
  } catch (error) {
    if (!isUncertain(error)) {
      context.journal.end(pending);
      throw error;
    }
    // Perhaps it was made all the same. If that cannot be found out now, the note stays for the next run.
    const look = provider.find && !(error instanceof StepTimeoutError);
    const found = look && (await findCreated(provider, draft, draft, notId).catch(() => undefined));
    if (found) return adopt(plan, found);
    throw error;
  }
}

async function adopt(
  { draft, provider }: Plan,
  { existing, needsUpdate }: Recovered,
): Promise<{ id: string; outputs: Values }> {
  if (!needsUpdate) return existing;
  const inputs = revealAll(draft.inputs);
  const { outputs } = await withTimeLimit("update", draft.customTimeouts, (signal) =>
    provider.update(existing, inputs, signal),
  );
  return { id: existing.id, outputs };
}

/** It was made but is not well: the state has it, with the reasons, and the next run updates it. */
function keepUnfinished(context: StepContext, plan: Plan, pending: PendingOperation, error: ResourceInitError): void {
  const state = {
    ...finishedState(plan.draft, error),
    initErrors: error.reasons.length > 0 ? error.reasons : [error.message],
  };
  context.journal.end(pending);
  replaceEntry(context, plan.old, state);
}

/** The old half of a replacement stays in the state until it is deleted. */
function replaceEntry(context: StepContext, old: ResourceState | undefined, state: ResourceState): void {
  if (old && !old.pendingReplacement) {
    context.journal.replace(old, { ...old, delete: true });
    context.journal.settle(undefined, state);
  } else {
    context.journal.settle(old, state);
  }
}

async function deleteFirstStep(
  context: StepContext,
  plan: Plan,
  old: ResourceState,
  changes: readonly PropertyChange[],
  replace: readonly string[],
): Promise<ResourceState> {
  await replaceDependants(context, old, plan);
  const left = await deleteResource(context, old, { replaced: true, keepEntry: true });
  return createStep(context, { ...plan, old: left }, "replace", changes, replace);
}

async function updateStep(
  context: StepContext,
  plan: Plan,
  old: ResourceState,
  changes: readonly PropertyChange[],
): Promise<ResourceState> {
  const { provider } = plan;
  const since = performance.now();
  const facts = { since, changes: showChanges(changes, []) };
  const draft = { ...plan.draft, id: old.id, created: old.created, importID: plan.draft.importID ?? old.importID };
  const olds = { id: old.id ?? "", inputs: revealAll(old.inputs), outputs: revealAll(old.outputs) };
  const inputs = revealAll(draft.inputs);
  if (context.preview) {
    const outputs = markOutputs(
      provider.previewUpdate(olds, inputs),
      draft.inputs,
      draft.additionalSecretOutputs ?? [],
    );
    const state = { ...draft, outputs };
    context.journal.settle(old, state);
    context.reporter.finished(reported(state), "update", facts);
    return state;
  }
  context.reporter.started(reported(draft), "update");
  const pending = context.journal.begin("updating", draft);
  let outputs: Values;
  try {
    await context.journal.save();
    ({ outputs } = await withTimeLimit("update", draft.customTimeouts, (signal) =>
      provider.update(olds, inputs, signal),
    ));
  } catch (error) {
    if (error instanceof ResourceInitError) {
      context.journal.end(pending);
      const kept = finishedState(draft, { id: old.id ?? error.id, outputs: error.outputs });
      context.journal.settle(old, { ...kept, initErrors: error.reasons.length > 0 ? error.reasons : [error.message] });
    } else if (!isUncertain(error)) {
      context.journal.end(pending);
    }
    await context.journal.saveIfChanged();
    throw error;
  }
  const state = finishedState(draft, { id: old.id ?? "", outputs });
  context.journal.end(pending, ...interruptedAt(context, draft.urn, "updating"));
  context.journal.settle(old, state);
  await context.journal.save();
  context.reporter.finished(reported(state), "update", facts);
  return state;
}

async function importStep(context: StepContext, plan: Plan): Promise<ResourceState> {
  const { goal, draft, old, provider } = plan;
  const since = performance.now();
  if (old)
    throw new Error(`import: this resource is ${old.id} already, not ${goal.importId}; take it out of the state first`);
  if (!context.preview) context.reporter.started(reported(draft), "import");
  const wanted = revealAll(draft.inputs);
  const account = "accountId" in wanted && !hasUnknown(wanted["accountId"]) ? { accountId: wanted["accountId"] } : {};
  const inputs = { ...account, ...provider.importInputs?.(goal.importId) };
  const found = await withTimeLimit("read", draft.customTimeouts, (signal) =>
    provider.read(goal.importId, { inputs, outputs: {} }, signal),
  );
  if (!found) throw new Error(`import: there is no ${goal.type} with the id ${goal.importId}`);
  const diff = await provider.diff(found, wanted);
  if (diff.changed || diff.replace.length > 0) {
    const names = diffProperties(found.inputs, wanted).map((change) => formatPath(change.path));
    throw new Error(
      `import: what exists differs from the program in ${names.join(", ")}; change the program to what is there`,
    );
  }
  const state = finishedState(draft, found);
  context.journal.settle(undefined, state);
  await context.journal.save();
  context.reporter.finished(reported(state), "import", { since });
  return state;
}

function finishedState(draft: ResourceState, made: { id: string; outputs: Values }): ResourceState {
  const outputs = markOutputs(made.outputs, draft.inputs, draft.additionalSecretOutputs ?? []);
  return { ...draft, id: made.id, outputs, modified: goTime(new Date()) };
}
