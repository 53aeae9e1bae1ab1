import { goTime, type ResourceState } from "./checkpoint.ts";
import { deleteAll } from "./deletions.ts";
import type { Goal } from "./goal.ts";
import { removeOrphans } from "./orphans.ts";
import { ProviderHost, packageOf } from "./providers/provider-host.ts";
import { draftState, unchangedState } from "./resource-state.ts";
import { deployResource } from "./resource-step.ts";
import { Semaphore } from "./semaphore.ts";
import { CancelledError, reported, type StepContext, withTimeLimit } from "./step-context.ts";
import { reportUnmatchedTargets } from "./unmatched-targets.ts";
import { aliasUrns, createUrn, matchesTarget, STACK_TYPE, type StackName, type Urn, urnName, urnType } from "./urn.ts";
import { hasUnknown, markNamed, reveal, revealAll, same, type Values } from "./values.ts";

/** What the program is told of a resource. */
export interface Registered {
  readonly urn: Urn;
  readonly id: string;
  readonly outputs: Values;
  /** It was not made: whatever the program takes from it is unknown, so its dependants are skipped. */
  readonly unknown: boolean;
}

/** What the program wants to read: a resource that is somebody else's. */
export interface ReadGoal {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: Urn;
  readonly inputs: Values;
  readonly provider: string;
  readonly version: string;
  readonly dependencies: readonly Urn[];
  readonly additionalSecretOutputs: readonly string[];
}

export interface DeploymentOptions {
  readonly stack: StackName;
  readonly parallel: number;
  /** URNs or patterns; empty means everything. */
  readonly targets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** One run of a program against a stack's state. */
export class Deployment {
  readonly context: StepContext;
  readonly #options: DeploymentOptions;
  readonly #steps: Semaphore;
  readonly #seen = new Set<Urn>();
  /** What failed or was skipped. */
  readonly #unmade = new Set<Urn>();
  /** Under which URN a resource was found that has another one now. */
  readonly #foundAs = new Map<Urn, Urn>();
  readonly #claims = new Map<Urn, Promise<void>>();
  readonly #defaultProviders = new Map<Urn, string>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(context: StepContext, options: DeploymentOptions) {
    this.context = context;
    this.#options = options;
    this.#steps = new Semaphore(options.parallel);
  }

  /** The URN of the stack itself, once the program has registered it. */
  stackUrn: Urn | undefined;
  #stackOutputs: Values | undefined;

  /**
   * Brings a resource to what the program wants. A failure is reported and told as unknown.
   * @throws CancelledError, and on a program error such as a URN that is used twice
   */
  register(goal: Goal): Promise<Registered> {
    return this.#track(this.#register(goal));
  }

  /** Reads a resource that exists, without owning it. */
  read(goal: ReadGoal): Promise<Registered> {
    return this.#track(this.#read(goal));
  }

  registerOutputs(urn: Urn, outputs: Values): void {
    this.context.reporter.redactor.learn(outputs);
    if (urn === this.stackUrn) this.#stackOutputs = outputs;
    else this.#keepOutputs(urn, outputs);
  }

  /**
   * The stack's own outputs count once everything has ended well: the SDK registers what it has, or nothing, when a
   * program throws. After a failure those of before hold.
   */
  settleStackOutputs(): void {
    if (this.stackUrn && this.#stackOutputs) this.#keepOutputs(this.stackUrn, this.#stackOutputs);
  }

  #keepOutputs(urn: Urn, outputs: Values): void {
    const state = this.context.journal.find(urn);
    if (!state) return;
    if (!same(state.outputs, outputs)) this.context.journal.replace(state, { ...state, outputs });
  }

  /** Ends when no step is running any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Deletes what the program no longer has. Only for a program that ended well, when every step has. */
  async removeLeftovers(): Promise<void> {
    const { journal } = this.context;
    const { targets } = this.#options;
    if (targets.length === 0) await removeOrphans(this.context);
    reportUnmatchedTargets(this.context.reporter, targets, [...this.#seen, ...journal.base.map(({ urn }) => urn)]);
    const leftovers = journal.base.filter((state) => {
      if (state.delete) return this.#isTarget(state.urn);
      return !this.#seen.has(state.urn) && this.#isTarget(state.urn);
    });
    await deleteAll(this.context, leftovers, this.#steps, this.#options.signal);
  }

  async #register(goal: Goal): Promise<Registered> {
    this.#checkCancelled();
    const urn = createUrn(this.#options.stack, goal.parent, goal.type, goal.name);
    if (this.#seen.has(urn)) throw new Error(`two resources have the same URN ${urn}: give one of them another name`);
    this.#seen.add(urn);
    await this.#claims.get(urn);
    const old = this.#findOld(urn, goal);
    if (goal.type === STACK_TYPE) this.stackUrn = urn;
    if (!goal.custom) return this.#registerComponent(goal, urn, old);
    if (ProviderHost.isProviderType(goal.type)) return this.#registerProvider(goal, urn, old);
    return this.#registerResource(goal, urn, old);
  }

  #registerComponent(goal: Goal, urn: Urn, old: ResourceState | undefined): Registered {
    // Until the program registers new outputs the old ones hold: it may fail before it gets there.
    const kept = old?.outputs === undefined ? {} : { outputs: old.outputs };
    const draft = { ...draftState(goal, urn, undefined, goal.inputs), custom: false, ...kept };
    const state = old ? unchangedState(old, draft) : draft;
    this.context.journal.settle(old, state);
    this.context.reporter.finished(reported(state), old ? "same" : "create");
    return { urn, id: "", outputs: {}, unknown: false };
  }

  #registerProvider(goal: Goal, urn: Urn, old: ResourceState | undefined): Registered {
    const { inputs, outputs, id } = this.context.providers.providerState(
      urn,
      goal.type,
      goal.inputs,
      goal.version,
      old,
    );
    this.context.reporter.redactor.learn(inputs);
    const draft = { ...draftState(goal, urn, undefined, inputs), id, outputs };
    const state = this.#settleProvider(old, draft);
    return { urn, id: state.id ?? "", outputs, unknown: false };
  }

  #settleProvider(old: ResourceState | undefined, draft: ResourceState): ResourceState {
    const { journal, reporter } = this.context;
    // `__internal` is what a CLI keeps for itself.
    const isSame = old && same(revealAll(withoutInternal(old.inputs)), revealAll(withoutInternal(draft.inputs)));
    const kept = isSame ? { ...draft, inputs: old.inputs, outputs: old.outputs } : draft;
    const state = isSame ? unchangedState(old, kept) : { ...draft, created: old?.created ?? draft.created };
    journal.settle(old, state);
    if (!ProviderHost.isDefault(state)) reporter.finished(reported(state), isSame ? "same" : old ? "update" : "create");
    return state;
  }

  async #registerResource(goal: Goal, urn: Urn, old: ResourceState | undefined): Promise<Registered> {
    const skipped = this.#reasonToSkip(goal);
    const resource = { urn, type: goal.type, name: goal.name, id: old?.id };
    if (skipped !== undefined) {
      this.context.reporter.skipped(resource, skipped);
      return this.#unmadeResource(urn, goal.inputs);
    }
    if (!this.#isTarget(urn)) return this.#keepUntargeted(goal, urn, old);
    const reference = this.#providerReference(goal);
    const since = performance.now();
    try {
      const state = await this.#steps.run(() => {
        this.#checkCancelled();
        return deployResource(this.context, {
          goal,
          urn,
          old,
          providerReference: reference,
          claim: (urns, work) => this.#claim(urns, work),
          isRegistered: (other) => this.#seen.has(other),
        });
      });
      return { urn, id: state.id ?? "", outputs: state.outputs, unknown: false };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      this.context.reporter.failedResource(resource, old ? "update" : "create", error, since);
      return this.#unmadeResource(urn, goal.inputs);
    }
  }

  #keepUntargeted(goal: Goal, urn: Urn, old: ResourceState | undefined): Registered {
    if (!old) {
      this.context.reporter.skipped({ urn, type: goal.type, name: goal.name }, "it is not a target");
      return this.#unmadeResource(urn, goal.inputs);
    }
    const state = old.urn === urn ? old : { ...old, urn };
    // Its provider was registered under the same reference, or the state keeps the old provider too.
    this.context.journal.settle(old, state);
    this.context.reporter.finished(reported(state), "same");
    return { urn, id: state.id ?? "", outputs: state.outputs, unknown: false };
  }

  async #read(goal: ReadGoal): Promise<Registered> {
    this.#checkCancelled();
    const { journal, providers, reporter } = this.context;
    const urn = createUrn(this.#options.stack, goal.parent, goal.type, goal.name);
    if (this.#seen.has(urn)) throw new Error(`two resources have the same URN ${urn}: give one of them another name`);
    this.#seen.add(urn);
    const unready = goal.dependencies.some((dependency) => this.#unmade.has(dependency));
    if (unready || hasUnknown(goal.inputs) || goal.id === "" || hasUnknown(goal.id))
      return this.#unmadeResource(urn, goal.inputs);
    const reference = this.#providerReference(goal);
    const provider = providers.resource(goal.type, urn, reference);
    const since = performance.now();
    const inputs = { ...provider.importInputs?.(goal.id), ...revealAll(goal.inputs) };
    const found = await this.#steps.run(() =>
      withTimeLimit("read", undefined, (signal) => provider.read(goal.id, { inputs, outputs: {} }, signal)),
    );
    if (!found) {
      const error = new Error(`there is no ${goal.type} with the id ${goal.id}`);
      reporter.failedResource({ urn, type: goal.type, name: goal.name }, "read", error, since);
      throw error;
    }
    const old = journal.base.find((state) => state.urn === urn && state.external);
    const now = goTime(new Date());
    const outputs = markNamed(found.outputs, goal.additionalSecretOutputs);
    const state: ResourceState = {
      urn,
      custom: true,
      external: true,
      id: found.id,
      type: goal.type,
      inputs: found.inputs,
      outputs,
      parent: goal.parent || undefined,
      provider: reference,
      dependencies: goal.dependencies,
      created: old?.created ?? now,
      modified: old?.modified ?? now,
    };
    journal.settle(old, old ? unchangedState({ ...old, outputs }, state) : state);
    reporter.finished(reported(state), "read", { since });
    return { urn, id: found.id, outputs, unknown: false };
  }

  #reasonToSkip(goal: Goal): string | undefined {
    const needed = [
      goal.parent,
      goal.deletedWith,
      ...goal.dependencies,
      ...Object.values(goal.propertyDependencies).flat(),
    ];
    const missing = needed.find((urn) => this.#unmade.has(urn));
    if (missing !== undefined)
      return `it needs ${urnType(missing).split(":").at(-1)} ${urnName(missing)}, which failed`;
    if (!this.context.preview && hasUnknown(goal.inputs)) return "it needs a value that is not known";
    return undefined;
  }

  #unmadeResource(urn: Urn, inputs: Values): Registered {
    this.#unmade.add(urn);
    return { urn, id: "", outputs: inputs, unknown: true };
  }

  /** The provider a resource names, else the default one of its package, made at the first need. */
  #providerReference({ provider, type, version }: { provider: string; type: string; version: string }): string {
    if (provider !== "") return provider;
    const packageName = packageOf(type);
    const { urn, inputs } = this.context.providers.defaultProvider(packageName, version);
    let reference = this.#defaultProviders.get(urn);
    if (reference === undefined) {
      const providerType = `pulumi:providers:${packageName}`;
      const old = this.context.journal.base.find((state) => state.urn === urn && !state.delete);
      const now = goTime(new Date());
      const state = this.context.providers.providerState(urn, providerType, inputs, version, old);
      this.context.reporter.redactor.learn(inputs);
      this.#seen.add(urn);
      reference = `${urn}::${this.#settleProvider(old, { ...state, created: now, modified: now }).id}`;
      this.#defaultProviders.set(urn, reference);
    }
    return reference;
  }

  /** The default provider's reference for a function call. */
  invokeProvider(token: string, provider: string, version: string): string {
    return this.#providerReference({ provider, type: token, version });
  }

  #findOld(urn: Urn, goal: Goal): ResourceState | undefined {
    const there = (wanted: Urn) =>
      this.context.journal.base.find((state) => state.urn === wanted && !state.delete && !state.external);
    const own = there(urn);
    if (own) return own;
    const place = { ...this.#options.stack, type: goal.type, name: goal.name, parent: goal.parent };
    for (const alias of aliasUrns(place, goal.aliases, this.#foundAs.get(goal.parent))) {
      const found = this.#seen.has(alias) ? undefined : there(alias);
      if (!found) continue;
      this.#foundAs.set(urn, alias);
      this.context.journal.rename(alias, urn);
      const renamed = { ...found, urn };
      this.context.journal.replace(found, renamed);
      return renamed;
    }
    return undefined;
  }

  async #claim(urns: readonly Urn[], work: () => Promise<void>): Promise<void> {
    const done = work();
    const quiet = done.catch(() => {});
    for (const urn of urns) this.#claims.set(urn, quiet);
    try {
      await done;
    } finally {
      for (const urn of urns) this.#claims.delete(urn);
    }
  }

  #isTarget(urn: Urn): boolean {
    const { targets } = this.#options;
    return targets.length === 0 || targets.some((target) => matchesTarget(urn, target));
  }

  #checkCancelled(): void {
    if (this.#options.signal?.aborted) throw new CancelledError("cancelled");
  }

  #track<Result>(step: Promise<Result>): Promise<Result> {
    this.#running.add(step);
    const done = () => this.#running.delete(step);
    step.then(done, done);
    return step;
  }
}

function withoutInternal(inputs: Values): Values {
  const { __internal, ...rest } = inputs;
  return rest;
}

/** A stack's outputs as the API gives them. */
export function stackOutputs(state: ResourceState | undefined): Record<string, { value: unknown; secret: boolean }> {
  return Object.fromEntries(
    Object.entries(state?.outputs ?? {}).map(([key, value]) => {
      const secret = !same(reveal(value), value);
      return [key, { value: reveal(value), secret }];
    }),
  );
}
