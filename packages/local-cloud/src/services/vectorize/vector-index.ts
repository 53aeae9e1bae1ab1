import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { ApiError } from "../../core/api-error.ts";
import type { Row } from "../../core/sqlite-database.ts";
import { damagedIndex, tooManyMetadataIndexes } from "./errors.ts";
import { IndexDatabase } from "./index-database.ts";
import { LIMITS } from "./limits.ts";
import { type IndexType, indexedMetadata, indexedValue, type MetadataIndex, type Scalar } from "./metadata.ts";
import type { VectorBatch } from "./parse-vectors.ts";
import { type SlotFacts, SlotTable } from "./slot-table.ts";
import { VectorFile } from "./vector-file.ts";
import type { VectorMemory } from "./vector-memory.ts";

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

/** A vector without its numbers. */
export interface StoredVector {
  readonly id: string;
  readonly namespace?: string;
  readonly metadata?: unknown;
}

/** Rows that nobody needs any more, at which it is worth writing the others anew. */
const MANY_DEAD = 1024;
/** Rows that a compaction writes at a time. */
const COMPACTED_AT_ONCE = 1024;

/**
 * The vectors of one index: numbers in a file and in memory, by slot, all else in SQLite. A write takes new slots; what
 * it replaces is dead until the next compaction. Belongs to one thread; all calls are synchronous.
 */
export class VectorIndex {
  readonly dimensions: number;
  readonly #place: IndexPlace;
  readonly #memory: VectorMemory;
  readonly #database: IndexDatabase;
  #file: VectorFile;
  #table: SlotTable;
  /** Slots that are in use, dead or alive. */
  #slots = 0;

  /** Opens an index, or makes an empty one. @throws {ApiError} naming the folder when what is there is damaged. */
  constructor(place: IndexPlace, memory: VectorMemory) {
    this.#place = place;
    this.#memory = memory;
    this.dimensions = place.dimensions;
    this.#table = new SlotTable(place.dimensions, memory);
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

  /** What searches see. Another one after each call that changes the index. */
  get table(): SlotTable {
    return this.#table;
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
    return this.#table.metadataIndexes.map(({ index }) => index);
  }

  /** Takes vectors in. They are on the disk when this returns, and found once the mutation was done. */
  accept(kind: "insert" | "upsert", batch: VectorBatch, mutation: Mutation): void {
    const first = this.#slots;
    const count = batch.ids.length;
    const { stride } = this.#table;
    this.#table.reserve(first + count);
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
      this.#table.row(first + index).set(batch.rows.subarray(index * stride, (index + 1) * stride));
    this.#slots = first + count;
  }

  /** Takes a deletion of vectors in. */
  remove(ids: readonly string[], mutation: Mutation): void {
    this.#database.transaction(() => this.#addMutation("delete", mutation, JSON.stringify(ids)));
  }

  /** Takes a new metadata index in. One that is there already stays. @throws {ApiError} when there are ten. */
  createMetadataIndex(index: MetadataIndex, mutation: Mutation): void {
    const names = new Set(this.metadataIndexes().map(({ propertyName }) => propertyName));
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
    const { count } = this.#table;
    if (idle && this.#slots - count > Math.max(MANY_DEAD, count)) this.#compact();
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
    return [...this.#table.select(namespace, []).subarray(0, limit)].map((slot) => this.read(slot, "all"));
  }

  close(): void {
    this.#file.close();
    this.#database.close();
    this.#table.release();
  }

  /** Closes what is open of an index that cannot be read, and says which file it is. */
  #closedAsDamaged(cause: unknown): unknown {
    const file = this.#fileName();
    this.#database.close();
    this.#table.release();
    const isFull = cause instanceof ApiError || (cause as NodeJS.ErrnoException).code === "ENOSPC";
    return isFull ? cause : damagedIndex(file, (cause as Error).message, cause);
  }

  #addMutation(kind: string, { id, due }: Mutation, detail: string | null = null): number {
    // In order: one that could be done sooner waits for those before it.
    const latest = Math.max(due, this.waiting().due);
    return this.#database.insert(
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
        this.#removeMetadataIndex(String(detail));
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
      for (const { number, index } of this.#table.metadataIndexes) {
        const value = indexedValue(metadata, index.propertyName, index.indexType);
        if (value !== undefined) indexed[number] = value;
      }
      const stored: SlotFacts = {
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
      this.#table.show(stored);
    }
    this.#database.run("DELETE FROM pending WHERE seq = ?", seq);
  }

  #forget(id: string): void {
    const slot = this.slotOf(id);
    if (slot === undefined) return;
    this.#database.run("DELETE FROM vectors WHERE slot = ?", slot);
    this.#table.hide(slot);
  }

  #addMetadataIndex(index: MetadataIndex): void {
    const known = this.metadataIndexes().find(({ propertyName }) => propertyName === index.propertyName);
    if (known?.indexType === index.indexType) return;
    if (known) this.#removeMetadataIndex(known.propertyName);
    const number = this.#database.insert(
      "INSERT INTO metadata_indexes (property_name, index_type) VALUES (?, ?)",
      index.propertyName,
      index.indexType,
    );
    this.#table.addMetadataIndex({ number, index });
  }

  #removeMetadataIndex(propertyName: string): void {
    this.#database.run("DELETE FROM metadata_indexes WHERE property_name = ?", propertyName);
    this.#table.removeMetadataIndex(propertyName);
  }

  /** What the metadata indexes hold of a vector, as an object like its metadata. */
  #indexedMetadata(text: unknown): unknown {
    const values = (parseOrUndefined(text) ?? {}) as Record<string, Scalar>; // written by `#write`
    return indexedMetadata(
      this.#table.metadataIndexes.map(({ number, index }) => [index.propertyName, values[number]] as const),
    );
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
    return new VectorFile(path, { dimensions: this.dimensions, rowBytes: this.#table.stride * 4, create });
  }

  #load(): void {
    this.#slots = Number(this.#database.get("SELECT slots FROM state")?.["slots"]);
    if (this.#file.rows() < this.#slots)
      throw new Error(`it holds ${this.#file.rows()} vectors in place of ${this.#slots}`);
    this.#file.cut(this.#slots);
    this.#table.reserve(this.#slots);
    for (const extent of this.#database.all("SELECT * FROM extents ORDER BY first_slot"))
      this.#loadExtent(Number(extent["first_slot"]), Number(extent["count"]), Number(extent["crc"]));
    for (const row of this.#database.all("SELECT * FROM metadata_indexes ORDER BY number")) {
      // Written by `#addMetadataIndex`.
      const index = { propertyName: String(row["property_name"]), indexType: String(row["index_type"]) as IndexType };
      this.#table.addMetadataIndex({ number: Number(row["number"]), index });
    }
    for (const row of this.#database.iterate("SELECT slot, namespace, indexed, norm FROM vectors")) {
      this.#table.show({
        slot: Number(row["slot"]),
        namespace: row["namespace"] === null ? undefined : String(row["namespace"]),
        norm: Number(row["norm"]),
        indexed: (parseOrUndefined(row["indexed"]) ?? {}) as Record<string, Scalar>, // written by `#write`
      });
    }
  }

  #loadExtent(first: number, count: number, crc: number): void {
    let sum = 0;
    for (const { slot, bytes } of this.#table.pieces(first, count)) {
      this.#file.read(slot, bytes);
      sum = crc32(bytes, sum);
    }
    if (sum !== crc) throw new Error(`vectors ${first} to ${first + count - 1} are not what was written`);
  }

  /** Writes what is alive into a new file and forgets the rest. A kill leaves either the old or the new state. */
  #compact(): void {
    const slots = this.#table.select(undefined, []);
    const generation = this.#generation() + 1;
    const path = this.#fileName(generation);
    const file = new VectorFile(path, { dimensions: this.dimensions, rowBytes: this.#table.stride * 4, create: true });
    try {
      const extents: { first: number; count: number; crc: number }[] = [];
      for (let first = 0; first < slots.length; first += COMPACTED_AT_ONCE) {
        const part = slots.subarray(first, first + COMPACTED_AT_ONCE);
        const rows = new Float32Array(part.length * this.#table.stride);
        for (const [index, slot] of part.entries()) rows.set(this.#table.row(slot), index * this.#table.stride);
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
    this.#table.release();
    this.#table = new SlotTable(this.dimensions, this.#memory);
    this.#load();
  }
}

function parseOrUndefined(text: unknown): unknown {
  return typeof text === "string" ? (JSON.parse(text) as unknown) : undefined;
}
