import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { ApiError } from "../../core/api-error.ts";
import { Column } from "./column.ts";
import { damagedIndex, memoryFull, tooManyMetadataIndexes } from "./errors.ts";
import { type Condition, meets } from "./filter.ts";
import { IndexDatabase, type Row } from "./index-database.ts";
import { LIMITS } from "./limits.ts";
import { type IndexType, indexedValue, type Scalar } from "./metadata.ts";
import type { VectorBatch } from "./parse-vectors.ts";
import { LANES } from "./scan-kernel.ts";
import { VectorFile } from "./vector-file.ts";
import { BLOCK_BYTES, type VectorMemory } from "./vector-memory.ts";

/** Where an index is, and of what kind. */
export interface IndexPlace {
  readonly folder: string;
  readonly dimensions: number;
}

/** Something to do, `due` at a time (ms, the cloud's clock) and not before what was to be done earlier. */
export interface Mutation {
  readonly id: string;
  readonly due: number;
}

export interface MetadataIndex {
  readonly propertyName: string;
  readonly indexType: IndexType;
}

/** A vector without its numbers. */
export interface StoredVector {
  readonly id: string;
  readonly namespace?: string;
  readonly metadata?: unknown;
}

/** Rows that nobody needs any more, at which it is worth writing the others anew. */
const MANY_DEAD = 1024;

/**
 * The vectors of one index: numbers in a file and in memory, by slot, all else in SQLite. A write takes new slots; what
 * it replaces is dead until the next compaction. Belongs to one thread; all calls are synchronous.
 */
export class VectorIndex {
  readonly dimensions: number;
  /** Numbers of a row with its padding. */
  readonly stride: number;
  readonly #place: IndexPlace;
  readonly #memory: VectorMemory;
  readonly #database: IndexDatabase;
  readonly #rowsInBlock: number;
  #file: VectorFile;
  #blocks: number[] = [];
  /** Slots that are in use, dead or alive. */
  #slots = 0;
  #live = new Uint8Array(1024);
  #count = 0;
  /** Reciprocals of the lengths, by slot. */
  #inverses = new Float64Array(1024);
  #namespaces = new Column();
  #metadataIndexes: { readonly number: number; readonly index: MetadataIndex; readonly column: Column }[] = [];

  /** Opens an index, or makes an empty one. @throws {ApiError} naming the folder when what is there is damaged. */
  constructor(place: IndexPlace, memory: VectorMemory) {
    this.#place = place;
    this.#memory = memory;
    this.dimensions = place.dimensions;
    this.stride = Math.ceil(place.dimensions / LANES) * LANES;
    this.#rowsInBlock = Math.floor(BLOCK_BYTES / (this.stride * 4));
    mkdirSync(place.folder, { recursive: true });
    try {
      this.#database = new IndexDatabase(join(place.folder, "index.sqlite"));
    } catch (cause) {
      throw damagedIndex(join(place.folder, "index.sqlite"), (cause as Error).message, cause);
    }
    try {
      this.#file = this.#openFile();
    } catch (cause) {
      throw this.#closedAsDamaged(cause);
    }
    try {
      this.#load();
    } catch (cause) {
      this.#file.close();
      throw this.#closedAsDamaged(cause);
    }
  }

  /** How many vectors there are. */
  get count(): number {
    return this.#count;
  }

  /** The newest mutation that was done; null before the first. */
  processed(): { mutation: string | null; at: number | null } {
    const row = this.#database.get("SELECT processed_mutation, processed_at FROM state");
    const mutation = row?.["processed_mutation"] ?? null;
    const at = row?.["processed_at"] ?? null;
    return { mutation: mutation === null ? null : String(mutation), at: at === null ? null : Number(at) };
  }

  /** How many mutations are to be done, and when the last of them is due. */
  waiting(): { count: number; due: number } {
    const row = this.#database.get("SELECT count(*) AS count, max(due) AS due FROM mutations");
    return { count: Number(row?.["count"] ?? 0), due: Number(row?.["due"] ?? 0) };
  }

  metadataIndexes(): MetadataIndex[] {
    return this.#metadataIndexes.map(({ index }) => index);
  }

  /** Takes vectors in. They are on the disk when this returns, and found once the mutation was done. */
  accept(kind: "insert" | "upsert", batch: VectorBatch, mutation: Mutation): void {
    const first = this.#slots;
    const count = batch.ids.length;
    this.#reserve(first + count);
    const bytes = new Uint8Array(batch.rows.buffer, batch.rows.byteOffset, batch.rows.byteLength);
    this.#file.write(first, bytes);
    this.#file.sync();
    this.#database.transaction(() => {
      const seq = this.#addMutation(kind, mutation);
      for (let index = 0; index < count; index++) {
        this.#database.run(
          "INSERT INTO pending (slot, seq, id, namespace, metadata, norm) VALUES (?, ?, ?, ?, ?, ?)",
          first + index,
          seq,
          batch.ids[index] ?? "",
          batch.namespaces[index] ?? null,
          batch.metadata[index] ?? null,
          batch.norms[index] ?? 0,
        );
      }
      if (count > 0) this.#database.run("INSERT INTO extents VALUES (?, ?, ?)", first, count, crc32(bytes));
      this.#database.run("UPDATE state SET slots = ?", first + count);
    });
    for (let index = 0; index < count; index++)
      this.row(first + index).set(batch.rows.subarray(index * this.stride, (index + 1) * this.stride));
    this.#slots = first + count;
  }

  /** Takes a deletion of vectors in. */
  remove(ids: readonly string[], mutation: Mutation): void {
    this.#database.transaction(() => this.#addMutation("delete", mutation, JSON.stringify(ids)));
  }

  /** Takes a new metadata index in. One that is there already stays. @throws {ApiError} when there are ten. */
  createMetadataIndex(index: MetadataIndex, mutation: Mutation): void {
    const names = new Set(this.#metadataIndexes.map((one) => one.index.propertyName));
    for (const { kind, detail } of this.#database.all(
      "SELECT kind, detail FROM mutations WHERE detail IS NOT NULL ORDER BY seq",
    )) {
      if (kind === "create-metadata-index") names.add((JSON.parse(String(detail)) as MetadataIndex).propertyName);
      if (kind === "delete-metadata-index") names.delete(JSON.parse(String(detail)) as string);
    }
    if (!names.has(index.propertyName) && names.size >= LIMITS.metadataIndexes) throw tooManyMetadataIndexes();
    this.#database.transaction(() => this.#addMutation("create-metadata-index", mutation, JSON.stringify(index)));
  }

  /** Takes the end of a metadata index in. */
  deleteMetadataIndex(propertyName: string, mutation: Mutation): void {
    this.#database.transaction(() =>
      this.#addMutation("delete-metadata-index", mutation, JSON.stringify(propertyName)),
    );
  }

  /** Does what is due, in order. */
  apply(now: number): void {
    for (;;) {
      const next = this.#database.get("SELECT * FROM mutations ORDER BY seq LIMIT 1");
      if (!next || Number(next["due"]) > now) break;
      this.#database.transaction(() => this.#do(next));
    }
    const idle = this.#database.get("SELECT 1 FROM mutations LIMIT 1") === undefined;
    const dead = this.#slots - this.#count;
    if (idle && dead > Math.max(MANY_DEAD, this.#count)) this.#compact();
  }

  /** The slots of a namespace's vectors (without one: of all) that meet all conditions. */
  select(namespace: string | undefined, conditions: readonly Condition[]): Uint32Array {
    const slots = new Uint32Array(this.#count);
    let count = 0;
    for (let slot = 0; slot < this.#slots; slot++) if (this.#live[slot] === 1) slots[count++] = slot;
    if (namespace !== undefined) count = this.#namespaces.keep(slots, count, (value) => value === namespace);
    for (const condition of conditions) {
      const known = this.#metadataIndexes.find(({ index }) => index.propertyName === condition.propertyName);
      // What no metadata index holds is not there for filters: $eq finds nothing, $ne everything.
      if (known) count = known.column.keep(slots, count, (value) => meets(value, condition));
      else if (!meets(undefined, condition)) count = 0;
    }
    return slots.subarray(0, count);
  }

  /** The numbers of a slot, with their padding. */
  row(slot: number): Float32Array {
    return this.#memory.floats(this.address(slot), this.stride);
  }

  /** Where the numbers of a slot are in the memory. */
  address(slot: number): number {
    const block = this.#blocks[Math.floor(slot / this.#rowsInBlock)] ?? 0;
    return block + (slot % this.#rowsInBlock) * this.stride * 4;
  }

  /** 1 / length of a slot's vector; 0 for one of length 0. */
  inverse(slot: number): number {
    return this.#inverses[slot] ?? 0;
  }

  slotOf(id: string): number | undefined {
    const row = this.#database.get("SELECT slot FROM vectors WHERE id = ?", id);
    return row && Number(row["slot"]);
  }

  /** @param content which metadata. */
  read(slot: number, content: "none" | "indexed" | "all"): StoredVector {
    const row = this.#database.get("SELECT id, namespace, metadata, indexed FROM vectors WHERE slot = ?", slot);
    if (!row) throw new Error(`slot ${slot} of ${this.#place.folder} is empty`);
    const metadata = content === "all" ? parseOrUndefined(row["metadata"]) : undefined;
    const indexed = content === "indexed" ? this.#indexedMetadata(row["indexed"]) : undefined;
    return {
      id: String(row["id"]),
      ...(row["namespace"] !== null && { namespace: String(row["namespace"]) }),
      ...(metadata !== undefined && { metadata }),
      ...(indexed !== undefined && { metadata: indexed }),
    };
  }

  /** All identifiers, in the order of their writing. */
  ids(): string[] {
    return this.#database.all("SELECT id FROM vectors ORDER BY slot").map((row) => String(row["id"]));
  }

  /** Some vectors, the first ones. */
  sample(namespace: string | undefined, limit: number): StoredVector[] {
    return [...this.select(namespace, []).subarray(0, limit)].map((slot) => this.read(slot, "all"));
  }

  close(): void {
    this.#file.close();
    this.#database.close();
    this.#memory.release(this.#blocks);
    this.#blocks = [];
  }

  /** Closes what is open of an index that cannot be read, and says which file it is. */
  #closedAsDamaged(cause: unknown): ApiError {
    const file = this.#fileName();
    this.#database.close();
    this.#memory.release(this.#blocks);
    return cause instanceof ApiError ? cause : damagedIndex(file, (cause as Error).message, cause);
  }

  #addMutation(kind: string, { id, due }: Mutation, detail: string | null = null): number {
    // In order: one that could be done sooner waits for those before it.
    const latest = Math.max(due, this.waiting().due);
    return this.#database.run(
      "INSERT INTO mutations (id, kind, due, detail) VALUES (?, ?, ?, ?)",
      id,
      kind,
      latest,
      detail,
    );
  }

  #do(mutation: Row): void {
    const seq = Number(mutation["seq"]);
    const detail: unknown = mutation["detail"] === null ? null : JSON.parse(String(mutation["detail"]));
    switch (mutation["kind"]) {
      case "insert":
      case "upsert":
        this.#write(seq, mutation["kind"]);
        break;
      case "delete":
        // Written by `remove`.
        for (const id of detail as string[]) this.#forget(id);
        break;
      case "create-metadata-index":
        // Written by `createMetadataIndex`.
        this.#addMetadataIndex(detail as MetadataIndex);
        break;
      default:
        this.#database.run("DELETE FROM metadata_indexes WHERE property_name = ?", String(detail));
        this.#metadataIndexes = this.#metadataIndexes.filter(({ index }) => index.propertyName !== detail);
    }
    this.#database.run("DELETE FROM mutations WHERE seq = ?", seq);
    this.#database.run(
      "UPDATE state SET processed_mutation = ?, processed_at = ?",
      String(mutation["id"]),
      Number(mutation["due"]),
    );
  }

  #write(seq: number, kind: "insert" | "upsert"): void {
    for (const row of this.#database.all("SELECT * FROM pending WHERE seq = ? ORDER BY slot", seq)) {
      const id = String(row["id"]);
      if (kind === "insert" && this.slotOf(id) !== undefined) continue;
      if (kind === "upsert") this.#forget(id);
      const metadata = parseOrUndefined(row["metadata"]);
      const indexed: Record<string, Scalar> = {};
      for (const { number, index } of this.#metadataIndexes) {
        const value = indexedValue(metadata, index.propertyName, index.indexType);
        if (value !== undefined) indexed[number] = value;
      }
      const stored = {
        slot: Number(row["slot"]),
        namespace: row["namespace"] === null ? undefined : String(row["namespace"]),
        norm: Number(row["norm"]),
        indexed,
      };
      this.#database.run(
        "INSERT INTO vectors (slot, id, namespace, metadata, indexed, norm) VALUES (?, ?, ?, ?, ?, ?)",
        stored.slot,
        id,
        stored.namespace ?? null,
        row["metadata"] ?? null,
        Object.keys(indexed).length > 0 ? JSON.stringify(indexed) : null,
        stored.norm,
      );
      this.#show(stored);
    }
    this.#database.run("DELETE FROM pending WHERE seq = ?", seq);
  }

  #forget(id: string): void {
    const slot = this.slotOf(id);
    if (slot === undefined) return;
    this.#database.run("DELETE FROM vectors WHERE slot = ?", slot);
    this.#live[slot] = 0;
    this.#count--;
  }

  #show(stored: { slot: number; namespace: string | undefined; norm: number; indexed: Record<string, Scalar> }): void {
    const { slot, namespace, norm, indexed } = stored;
    if (slot >= this.#live.length) {
      const size = Math.max(slot + 1, this.#live.length * 2);
      const live = new Uint8Array(size);
      live.set(this.#live);
      this.#live = live;
      const inverses = new Float64Array(size);
      inverses.set(this.#inverses);
      this.#inverses = inverses;
    }
    this.#live[slot] = 1;
    this.#count++;
    this.#inverses[slot] = norm === 0 ? 0 : 1 / norm;
    this.#namespaces.set(slot, namespace);
    for (const { number, column } of this.#metadataIndexes) column.set(slot, indexed[number]);
  }

  #addMetadataIndex(index: MetadataIndex): void {
    const known = this.#metadataIndexes.find((one) => one.index.propertyName === index.propertyName);
    if (known?.index.indexType === index.indexType) return;
    if (known) {
      this.#metadataIndexes = this.#metadataIndexes.filter((one) => one !== known);
      this.#database.run("DELETE FROM metadata_indexes WHERE number = ?", known.number);
    }
    const number = this.#database.run(
      "INSERT INTO metadata_indexes (property_name, index_type) VALUES (?, ?)",
      index.propertyName,
      index.indexType,
    );
    this.#metadataIndexes = [...this.#metadataIndexes, { number, index, column: new Column() }];
  }

  /** What the metadata indexes hold of a vector, as an object like its metadata. */
  #indexedMetadata(text: unknown): unknown {
    const values = (parseOrUndefined(text) ?? {}) as Record<string, Scalar>; // written by `#write`
    const result: Record<string, unknown> = {};
    for (const { number, index } of this.#metadataIndexes) {
      const value = values[number];
      if (value === undefined) continue;
      const keys = index.propertyName.split(".");
      const last = keys.pop() ?? "";
      let object = result;
      for (const key of keys) {
        object[key] ??= {};
        // Made here, or by a property before: never a value, because the metadata had an object at this place.
        object = object[key] as Record<string, unknown>;
      }
      object[last] = value;
    }
    return Object.keys(result).length > 0 ? result : undefined;
  }

  #fileName(generation = this.#generation()): string {
    return join(this.#place.folder, `vectors-${generation}.f32`);
  }

  #generation(): number {
    return Number(this.#database.get("SELECT generation FROM state")?.["generation"]);
  }

  #openFile(): VectorFile {
    const path = this.#fileName();
    // What a compaction left behind that did not end, or whose last step did not.
    for (const name of readdirSync(this.#place.folder))
      if (name.endsWith(".f32") && name !== basename(path)) rmSync(join(this.#place.folder, name));
    const create = Number(this.#database.get("SELECT slots FROM state")?.["slots"]) === 0;
    return new VectorFile(path, { dimensions: this.dimensions, rowBytes: this.stride * 4, create });
  }

  #load(): void {
    this.#slots = Number(this.#database.get("SELECT slots FROM state")?.["slots"]);
    if (this.#file.rows() < this.#slots)
      throw new Error(`it holds ${this.#file.rows()} vectors in place of ${this.#slots}`);
    this.#file.cut(this.#slots);
    this.#reserve(this.#slots);
    for (const extent of this.#database.all("SELECT * FROM extents ORDER BY first_slot"))
      this.#loadExtent(Number(extent["first_slot"]), Number(extent["count"]), Number(extent["crc"]));
    this.#metadataIndexes = this.#database.all("SELECT * FROM metadata_indexes ORDER BY number").map((row) => ({
      number: Number(row["number"]),
      // Written by `#addMetadataIndex`.
      index: { propertyName: String(row["property_name"]), indexType: String(row["index_type"]) as IndexType },
      column: new Column(),
    }));
    for (const row of this.#database.iterate("SELECT slot, namespace, indexed, norm FROM vectors")) {
      this.#show({
        slot: Number(row["slot"]),
        namespace: row["namespace"] === null ? undefined : String(row["namespace"]),
        norm: Number(row["norm"]),
        indexed: (parseOrUndefined(row["indexed"]) ?? {}) as Record<string, Scalar>, // written by `#write`
      });
    }
  }

  #loadExtent(first: number, count: number, crc: number): void {
    let sum = 0;
    for (let slot = first; slot < first + count; ) {
      const inBlock = this.#rowsInBlock - (slot % this.#rowsInBlock);
      const rows = Math.min(inBlock, first + count - slot);
      const target = this.#memory.bytes(this.address(slot), rows * this.stride * 4);
      this.#file.read(slot, target);
      sum = crc32(target, sum);
      slot += rows;
    }
    if (sum !== crc) throw new Error(`vectors ${first} to ${first + count - 1} are not what was written`);
  }

  /** Makes room for so many slots. @throws {ApiError} when the memory is full. */
  #reserve(slots: number): void {
    while (this.#blocks.length * this.#rowsInBlock < slots) {
      const block = this.#memory.allocate();
      if (block === undefined) throw memoryFull();
      this.#blocks.push(block);
    }
  }

  /** Writes what is alive into a new file and forgets the rest. A kill leaves either the old or the new state. */
  #compact(): void {
    const slots = this.select(undefined, []);
    const generation = this.#generation() + 1;
    const path = this.#fileName(generation);
    const file = new VectorFile(path, { dimensions: this.dimensions, rowBytes: this.stride * 4, create: true });
    try {
      const extents: { first: number; count: number; crc: number }[] = [];
      for (let first = 0; first < slots.length; first += this.#rowsInBlock) {
        const part = slots.subarray(first, first + this.#rowsInBlock);
        const rows = new Float32Array(part.length * this.stride);
        for (const [index, slot] of part.entries()) rows.set(this.row(slot), index * this.stride);
        const bytes = new Uint8Array(rows.buffer);
        file.write(first, bytes);
        extents.push({ first, count: part.length, crc: crc32(bytes) });
      }
      file.sync();
      this.#database.transaction(() => {
        // Never more than before, and in the same order, so that a new number is free when it is taken.
        for (const [index, slot] of slots.entries())
          if (index !== slot) this.#database.run("UPDATE vectors SET slot = ? WHERE slot = ?", index, slot);
        this.#database.run("DELETE FROM extents");
        for (const { first, count, crc } of extents)
          this.#database.run("INSERT INTO extents VALUES (?, ?, ?)", first, count, crc);
        this.#database.run("UPDATE state SET generation = ?, slots = ?", generation, slots.length);
      });
    } catch (error) {
      file.close();
      rmSync(path, { force: true });
      throw error;
    }
    rmSync(this.#file.path, { force: true });
    this.#file.close();
    this.#file = file;
    this.#memory.release(this.#blocks);
    this.#blocks = [];
    this.#live = new Uint8Array(1024);
    this.#inverses = new Float64Array(1024);
    this.#count = 0;
    this.#namespaces = new Column();
    this.#load();
  }
}

function parseOrUndefined(text: unknown): unknown {
  return typeof text === "string" ? (JSON.parse(text) as unknown) : undefined;
}
