import { rmSync } from "node:fs";
import { basename, sep } from "node:path";
import { ApiError } from "../../core/api-error.ts";
import { indexNotFound } from "./errors.ts";
import type { Condition } from "./filter.ts";
import type { MetadataIndex } from "./metadata.ts";
import { type ParseOptions, parseVectors } from "./parse-vectors.ts";
import { Scanner } from "./scanner.ts";
import { type Metric, search } from "./search.ts";
import { type IndexPlace, type Mutation, type StoredVector, VectorIndex } from "./vector-index.ts";
import { VectorMemory } from "./vector-memory.ts";

/** What a call is about, and when it is (ms, the cloud's clock): what is due then is done before. */
export interface Target extends IndexPlace {
  readonly now: number;
}

/** What a query looks for. */
export interface Query {
  readonly metric: Metric;
  /** The vector, or the identifier of one of the index. */
  readonly near: Float32Array | string;
  readonly topK: number;
  readonly namespace?: string | undefined;
  readonly conditions: readonly Condition[];
  readonly returnValues: boolean;
  readonly returnMetadata: "none" | "indexed" | "all";
}

export interface Match extends StoredVector {
  readonly score: number;
  readonly values?: number[];
}

/** What an index is about, for its clients and for people. */
export interface IndexState {
  readonly vectorCount: number;
  readonly processedUpToMutation: string | null;
  /** Milliseconds, the cloud's clock. */
  readonly processedAt: number | null;
  readonly pendingMutations: number;
  readonly metadataIndexes: MetadataIndex[];
}

/** A page of identifiers. */
export interface IdPage {
  readonly ids: string[];
  readonly total: number;
  /** Undefined after the last page. */
  readonly nextCursor: string | undefined;
  /** When the cursor stops working, ms. */
  readonly expires: number | undefined;
}

/** How long the identifiers of a list are kept for its next pages, ms. */
const CURSOR_LIFE = 60 * 60_000;
const MAX_CURSORS = 16;

/**
 * All indexes, opened at their first use. Runs in a thread of its own and belongs to it, so that neither parsing nor
 * searching holds up the cloud.
 */
export class IndexesOnDisk {
  readonly #memory = new VectorMemory();
  readonly #scanner = new Scanner(this.#memory);
  /** By folder; the one used last is the last. */
  readonly #open = new Map<string, VectorIndex>();
  readonly #dropped = new Set<string>();
  readonly #lists = new Map<string, { folder: string; ids: string[]; expires: number }>();
  #listNumber = 0;

  /** Answers when the mutation is due. @throws {ApiError} what is wrong with the vectors; none of them is written. */
  async write(target: Target, body: Uint8Array, options: WriteOptions, mutation: Mutation): Promise<number> {
    const stride = this.#use(target, (index) => index.table.stride);
    const batch = await parseVectors(body, { ...options, dimensions: target.dimensions, stride });
    return this.#mutate(target, (index) => index.accept(options.operation, batch, mutation));
  }

  remove(target: Target, ids: readonly string[], mutation: Mutation): number {
    return this.#mutate(target, (index) => index.remove(ids, mutation));
  }

  createMetadataIndex(target: Target, metadataIndex: MetadataIndex, mutation: Mutation): number {
    return this.#mutate(target, (index) => index.createMetadataIndex(metadataIndex, mutation));
  }

  deleteMetadataIndex(target: Target, propertyName: string, mutation: Mutation): number {
    return this.#mutate(target, (index) => index.deleteMetadataIndex(propertyName, mutation));
  }

  /** Does what is due. */
  apply(target: Target): void {
    this.#use(target, () => undefined);
  }

  query(target: Target, query: Query): Match[] {
    return this.#use(target, (index) => {
      const vector = typeof query.near === "string" ? this.#vectorOf(index, query.near) : query.near;
      if (!vector) return [];
      const { metric, topK, namespace, conditions } = query;
      const hits = search(
        index.table,
        { vector, metric, topK, namespace, conditions },
        { scanner: this.#scanner, memory: this.#memory },
      );
      return hits.map(({ slot, score }) => ({
        ...index.read(slot, query.returnMetadata),
        score,
        ...(query.returnValues && { values: this.#values(index, slot) }),
      }));
    });
  }

  /** Those that are there, in the order of `ids`. */
  get(target: Target, ids: readonly string[]): (StoredVector & { values: number[] })[] {
    return this.#use(target, (index) =>
      ids.flatMap((id) => {
        const slot = index.slotOf(id);
        return slot === undefined ? [] : [{ ...index.read(slot, "all"), values: this.#values(index, slot) }];
      }),
    );
  }

  /**
   * Identifiers as they were when the list began.
   *
   * @returns undefined when the cursor is unknown or too old.
   */
  list(target: Target, count: number, cursor: string | undefined): IdPage | undefined {
    return this.#use(target, (index) => {
      for (const [key, { expires }] of this.#lists) if (expires <= target.now) this.#lists.delete(key);
      const [, key = "", offset = ""] = /^(\d+)\.(\d+)$/.exec(cursor ?? "") ?? [];
      const known = this.#lists.get(key);
      if (cursor !== undefined && known?.folder !== target.folder) return undefined;
      const list = known ?? { folder: target.folder, ids: index.ids(), expires: target.now + CURSOR_LIFE };
      const end = Number(offset) + count;
      const page = { ids: list.ids.slice(Number(offset), end), total: list.ids.length };
      if (end >= list.ids.length) return { ...page, nextCursor: undefined, expires: undefined };
      const kept = known ? key : this.#keepList(list);
      return { ...page, nextCursor: `${kept}.${end}`, expires: list.expires };
    });
  }

  state(target: Target): IndexState {
    return this.#use(target, (index) => {
      const { mutation, at } = index.processed();
      return {
        vectorCount: index.table.count,
        processedUpToMutation: mutation,
        processedAt: at,
        pendingMutations: index.waiting().count,
        metadataIndexes: index.metadataIndexes(),
      };
    });
  }

  sample(target: Target, namespace: string | undefined, limit: number): StoredVector[] {
    return this.#use(target, (index) => index.sample(namespace, limit));
  }

  /** Deletes an index, or all in a folder, with what is on the disk. */
  drop(folder: string): void {
    for (const open of this.#open.keys()) {
      if (open !== folder && !open.startsWith(`${folder}${sep}`)) continue;
      this.#close(open);
      // Its vectors may be on their way: they do not bring it back.
      this.#dropped.add(open);
    }
    rmSync(folder, { recursive: true, force: true });
  }

  closeAll(): void {
    for (const folder of this.#open.keys()) this.#close(folder);
  }

  #mutate(target: Target, change: (index: VectorIndex) => void): number {
    return this.#use(target, (index) => {
      change(index);
      const { due } = index.waiting();
      index.apply(target.now);
      return due;
    });
  }

  /** Opens an index, does what is due, then `work`. What fails in an unexpected way is opened anew the next time. */
  #use<Result>(target: Target, work: (index: VectorIndex) => Result): Result {
    for (;;) {
      try {
        const index = this.#opened(target);
        index.apply(target.now);
        return work(index);
      } catch (error) {
        if (!(error instanceof ApiError)) this.#close(target.folder);
        if (!(error instanceof ApiError && error.status === 507 && this.#closeOldest(target.folder))) throw error;
      }
    }
  }

  #opened(target: Target): VectorIndex {
    const { folder } = target;
    if (this.#dropped.has(folder)) throw indexNotFound(basename(folder));
    const index = this.#open.get(folder) ?? new VectorIndex(target, this.#memory);
    this.#open.delete(folder);
    this.#open.set(folder, index);
    return index;
  }

  #close(folder: string): void {
    this.#open.get(folder)?.close();
    this.#open.delete(folder);
  }

  /** Makes room in the memory. @returns whether there was another index. */
  #closeOldest(but: string): boolean {
    const oldest = [...this.#open.keys()].find((folder) => folder !== but);
    if (oldest !== undefined) this.#close(oldest);
    return oldest !== undefined;
  }

  #keepList(list: { folder: string; ids: string[]; expires: number }): string {
    const oldest = this.#lists.keys().next().value;
    if (oldest !== undefined && this.#lists.size >= MAX_CURSORS) this.#lists.delete(oldest);
    const key = String(++this.#listNumber);
    this.#lists.set(key, list);
    return key;
  }

  #vectorOf(index: VectorIndex, id: string): Float32Array | undefined {
    const slot = index.slotOf(id);
    return slot === undefined ? undefined : index.table.row(slot).slice(0, index.dimensions);
  }

  #values(index: VectorIndex, slot: number): number[] {
    return Array.from(index.table.row(slot).subarray(0, index.dimensions));
  }
}

/** Of an insert or upsert. */
export type WriteOptions = Pick<ParseOptions, "operation" | "limit" | "discardUnparsable">;
