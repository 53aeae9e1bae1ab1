import type { Checkpoint, PendingOperation, ResourceState } from "./checkpoint.ts";
import type { Urn } from "./urn.ts";

/**
 * A stack's state while an operation changes it. What this run made stands first and in the order it was made, what is
 * left of before stands after it, so a dependency always stands before what depends on it.
 */
export class Journal {
  #fresh: ResourceState[] = [];
  #base: ResourceState[];
  #pending: PendingOperation[];
  readonly #inPlace: boolean;
  readonly #persist: (checkpoint: Checkpoint) => Promise<void>;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #dirty = false;
  readonly #renamed = new Map<Urn, Urn>();

  /**
   * @param persist writes a checkpoint so that it survives a crash
   * @param order whether what is settled stands in a new order, as a program makes it, or stays where it is
   */
  constructor(
    checkpoint: Checkpoint,
    persist: (checkpoint: Checkpoint) => Promise<void>,
    order: "program" | "in place" = "program",
  ) {
    this.#inPlace = order === "in place";
    this.#base = [...checkpoint.resources];
    this.#pending = [...checkpoint.pendingOperations];
    this.#persist = persist;
  }

  /** What this run has not dealt with yet. */
  get base(): readonly ResourceState[] {
    return this.#base;
  }

  get pending(): readonly PendingOperation[] {
    return this.#pending;
  }

  get resources(): readonly ResourceState[] {
    return [...this.#fresh, ...this.#base];
  }

  /** The URN that a resource has now. */
  current(urn: Urn): Urn {
    return this.#renamed.get(urn) ?? urn;
  }

  find(urn: Urn): ResourceState | undefined {
    return (
      this.#fresh.find((state) => state.urn === urn) ?? this.#base.find((state) => state.urn === urn && !state.delete)
    );
  }

  /** Notes what is about to be done; nothing is sent before a `save` after it has ended. */
  begin(type: PendingOperation["type"], resource: ResourceState): PendingOperation {
    const operation = { type, resource };
    this.#pending = [...this.#pending, operation];
    this.#dirty = true;
    return operation;
  }

  end(...operations: (PendingOperation | undefined)[]): void {
    const left = this.#pending.filter((operation) => !operations.includes(operation));
    if (left.length < this.#pending.length) this.#dirty = true;
    this.#pending = left;
  }

  /** Adds what this run made or confirmed, in place of what was before. */
  settle(old: ResourceState | undefined, state: ResourceState): void {
    if (old !== state) this.#dirty = true;
    if (this.#inPlace) {
      if (old) this.replace(old, state);
      else this.#base = [...this.#base, state];
      return;
    }
    this.#base = this.#base.filter((other) => other !== old);
    this.#fresh = [...this.#fresh, state];
  }

  /** Changes an entry where it stands. */
  replace(old: ResourceState, state: ResourceState): void {
    if (old === state) return;
    const swap = (other: ResourceState) => (other === old ? state : other);
    this.#base = this.#base.map(swap);
    this.#fresh = this.#fresh.map(swap);
    this.#dirty = true;
  }

  remove(old: ResourceState): void {
    const others = (state: ResourceState) => state !== old;
    this.#base = this.#base.filter(others);
    this.#fresh = this.#fresh.filter(others);
    this.#dirty = true;
  }

  /** Follows an alias: what is left of before and refers to the old URN is stored with the new one. */
  rename(from: Urn, to: Urn): void {
    this.#renamed.set(from, to);
    this.#dirty = true;
  }

  /** Ends when everything up to now is on disk. Calls while a write is under way share the next one. */
  save(): Promise<void> {
    if (!this.#writing) return this.#write();
    this.#next ??= this.#writing.then(
      () => this.#write(),
      () => this.#write(),
    );
    return this.#next;
  }

  /** As `save`, but only when something has changed since. */
  async saveIfChanged(): Promise<void> {
    if (this.#dirty) await this.save();
    else await this.#writing;
  }

  #write(): Promise<void> {
    this.#next = undefined;
    this.#dirty = false;
    const writing = this.#persist({ resources: this.#stored(), pendingOperations: this.#pending })
      .catch((error: unknown) => {
        // What is not saved is tried again before the end.
        this.#dirty = true;
        throw error;
      })
      .finally(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
    this.#writing = writing;
    return writing;
  }

  /**
   * The CLI refuses a state that refers to what is not there, or that stands later: on the way out references are renamed
   * or dropped, and what is needed is moved before what needs it.
   */
  #stored(): readonly ResourceState[] {
    const there = new Set(this.resources.map((state) => state.urn));
    const follow = (urn: Urn) => this.current(urn);
    const base = this.#base.map((state) => withReferences(state, follow, (urn) => there.has(urn)));
    return inOrder([...this.#fresh, ...base]);
  }
}

function inOrder(states: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map(states.filter((state) => !state.delete).map((state) => [state.urn, state]));
  const placed = new Set<ResourceState>();
  const place = (state: ResourceState): void => {
    if (placed.has(state)) return;
    const needed = [...referencesOf(state)].map((urn) => byUrn.get(urn)).filter((other) => other !== undefined);
    // A state that refers to itself in a circle is none of ours; it is left as it is.
    visiting.add(state);
    for (const other of needed) if (!visiting.has(other)) place(other);
    visiting.delete(state);
    placed.add(state);
  };
  const visiting = new Set<ResourceState>();
  for (const state of states) place(state);
  return [...placed];
}

/** Every URN a resource needs: dependencies, parent, provider, and what it is deleted with. */
export function referencesOf(state: ResourceState): Set<Urn> {
  const references = new Set<Urn>(state.dependencies ?? []);
  for (const urns of Object.values(state.propertyDependencies ?? {})) for (const urn of urns ?? []) references.add(urn);
  if (state.parent) references.add(state.parent);
  if (state.deletedWith) references.add(state.deletedWith);
  if (state.provider) references.add(splitReference(state.provider).urn);
  return references;
}

function withReferences(state: ResourceState, follow: (urn: Urn) => Urn, exists: (urn: Urn) => boolean): ResourceState {
  const list = (urns: readonly Urn[] | null | undefined) => urns?.map(follow).filter(exists) ?? [];
  const one = (urn: Urn | undefined) => (urn !== undefined && exists(follow(urn)) ? follow(urn) : undefined);
  const intact = (urn: Urn) => follow(urn) === urn && exists(urn);
  const provider = state.provider === undefined ? undefined : splitReference(state.provider);
  if ([...referencesOf(state)].every(intact)) return state;
  const properties = Object.entries(state.propertyDependencies ?? {}).map(([key, urns]) => [key, list(urns)]);
  return {
    ...state,
    dependencies: list(state.dependencies),
    propertyDependencies: Object.fromEntries(properties),
    parent: one(state.parent),
    deletedWith: one(state.deletedWith),
    provider: provider && `${follow(provider.urn)}::${provider.id}`,
  };
}

/** Splits a reference to a provider, `<urn>::<id>`. */
export function splitReference(reference: string): { urn: Urn; id: string } {
  const end = reference.lastIndexOf("::");
  return { urn: reference.slice(0, end), id: reference.slice(end + 2) };
}
