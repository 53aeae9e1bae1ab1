import { Column } from "./column.ts";
import { memoryFull } from "./errors.ts";
import { type Condition, meets } from "./filter.ts";
import type { MetadataIndex, Scalar } from "./metadata.ts";
import { LANES } from "./scan-kernel.ts";
import { BLOCK_BYTES, type VectorMemory } from "./vector-memory.ts";

/** A metadata index with the number that tells it from an earlier one of the same property. */
export interface NumberedIndex {
  readonly number: number;
  readonly index: MetadataIndex;
}

/** What a search has to know of a vector, beside its numbers. */
export interface SlotFacts {
  readonly slot: number;
  readonly namespace: string | undefined;
  /** Euclidean length. */
  readonly norm: number;
  /** What metadata indexes hold of it, by their numbers. */
  readonly indexed: Readonly<Record<string, Scalar>>;
}

/** An index as searches see it: rows of numbers in the shared memory, and by slot what they are chosen by. */
export class SlotTable {
  /** Numbers of a row with its padding. */
  readonly stride: number;
  readonly #memory: VectorMemory;
  readonly #rowsInBlock: number;
  readonly #blocks: number[] = [];
  readonly #namespaces = new Column();
  #live = new Uint8Array(1024);
  /** Reciprocals of the lengths. */
  #inverses = new Float64Array(1024);
  #count = 0;
  #columns: (NumberedIndex & { readonly column: Column })[] = [];

  constructor(dimensions: number, memory: VectorMemory) {
    this.#memory = memory;
    this.stride = Math.ceil(dimensions / LANES) * LANES;
    this.#rowsInBlock = Math.floor(BLOCK_BYTES / (this.stride * 4));
  }

  /** How many vectors there are. */
  get count(): number {
    return this.#count;
  }

  get metadataIndexes(): readonly NumberedIndex[] {
    return this.#columns;
  }

  /** Makes room for so many slots. @throws {ApiError} when the memory is full. */
  reserve(slots: number): void {
    while (this.#blocks.length * this.#rowsInBlock < slots) {
      const block = this.#memory.allocate();
      if (block === undefined) throw memoryFull();
      this.#blocks.push(block);
    }
  }

  /** Gives the memory back: the table is not used any more. */
  release(): void {
    this.#memory.release(this.#blocks);
    this.#blocks.length = 0;
  }

  /** Where the numbers of a slot are in the memory. */
  address(slot: number): number {
    const block = this.#blocks[Math.floor(slot / this.#rowsInBlock)] ?? 0;
    return block + (slot % this.#rowsInBlock) * this.stride * 4;
  }

  /** The numbers of a slot, with their padding. */
  row(slot: number): Float32Array {
    return this.#memory.floats(this.address(slot), this.stride);
  }

  /** The memory of some slots, in as few pieces as it has. */
  *pieces(first: number, count: number): Generator<{ slot: number; bytes: Uint8Array }> {
    for (let slot = first; slot < first + count; ) {
      const rows = Math.min(this.#rowsInBlock - (slot % this.#rowsInBlock), first + count - slot);
      yield { slot, bytes: this.#memory.bytes(this.address(slot), rows * this.stride * 4) };
      slot += rows;
    }
  }

  /** 1 / length of a slot's vector; 0 for one of length 0. */
  inverse(slot: number): number {
    return this.#inverses[slot] ?? 0;
  }

  /** Lets searches find a slot, whose numbers are there. */
  show({ slot, namespace, norm, indexed }: SlotFacts): void {
    if (slot >= this.#live.length) this.#grow(Math.max(slot + 1, this.#live.length * 2));
    this.#live[slot] = 1;
    this.#count++;
    this.#inverses[slot] = norm === 0 ? 0 : 1 / norm;
    this.#namespaces.set(slot, namespace);
    for (const { number, column } of this.#columns) column.set(slot, indexed[number]);
  }

  /** Takes a slot that was shown out of all searches. */
  hide(slot: number): void {
    this.#live[slot] = 0;
    this.#count--;
  }

  /** Adds a metadata index. It holds what is shown from now on. */
  addMetadataIndex(one: NumberedIndex): void {
    this.#columns.push({ ...one, column: new Column() });
  }

  removeMetadataIndex(propertyName: string): void {
    this.#columns = this.#columns.filter(({ index }) => index.propertyName !== propertyName);
  }

  /** The slots of a namespace's vectors (without one: of all) that meet all conditions, in their order. */
  select(namespace: string | undefined, conditions: readonly Condition[]): Uint32Array {
    const slots = new Uint32Array(this.#count);
    let count = 0;
    for (let slot = 0; slot < this.#live.length && count < slots.length; slot++)
      if (this.#live[slot] === 1) slots[count++] = slot;
    if (namespace !== undefined) count = this.#namespaces.keep(slots, count, (value) => value === namespace);
    for (const condition of conditions) {
      const known = this.#columns.find(({ index }) => index.propertyName === condition.propertyName);
      // What no metadata index holds is not there for filters: $eq finds nothing, $ne everything.
      if (known) count = known.column.keep(slots, count, (value) => meets(value, condition));
      else if (!meets(undefined, condition)) count = 0;
    }
    return slots.subarray(0, count);
  }

  #grow(size: number): void {
    const live = new Uint8Array(size);
    live.set(this.#live);
    this.#live = live;
    const inverses = new Float64Array(size);
    inverses.set(this.#inverses);
    this.#inverses = inverses;
  }
}
