import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import { timestamp } from "../../core/clock.ts";
import type { Fault, Faults } from "../../core/faults.ts";
import type { ServiceContext } from "../../core/service.ts";
import { tooManyIds, unparsableBody } from "./errors.ts";
import type { IdPage, IndexState, Match, Target, WriteOptions } from "./indexes-on-disk.ts";
import { LIMITS } from "./limits.ts";
import { isInvalidKey, type MetadataIndex } from "./metadata.ts";
import { parseBody, parseQuery } from "./parse-query.ts";
import type { IndexConfig, IndexStore } from "./store.ts";
import type { VectorEngine } from "./vector-engine.ts";
import type { Mutation, StoredVector } from "./vector-index.ts";

/** How long a mutation takes, ms, where nothing else was set: long enough that nobody forgets to wait for it. */
export const DEFAULT_DELAY = 500;

const IdsBody = z.object({ ids: z.array(z.string()) });
const PropertyName = z
  .string()
  .max(LIMITS.filterKeyLength)
  .refine((name) => !name.split(".").some(isInvalidKey), 'keys, joined with a dot, without " and not beginning with $');
const NewMetadataIndex = z.object({ propertyName: PropertyName, indexType: z.enum(["string", "number", "boolean"]) });
const OldMetadataIndex = z.object({ propertyName: PropertyName });

/** Names an index. */
export interface IndexName {
  readonly accountId: string;
  readonly name: string;
}

/** What an index says of itself. */
export interface IndexInfo {
  vectorCount: number;
  dimensions: number;
  processedUpToDatetime: string | null;
  processedUpToMutation: string | null;
}

/** What can be done with vectors, whoever asks: REST, the binding, the console. Bodies are as they arrived. */
export class Vectors {
  /** Milliseconds that mutations take which are accepted from now on. */
  delay: number;
  readonly #ctx: ServiceContext;
  readonly #indexes: IndexStore;
  readonly #engine: VectorEngine;
  readonly #faults: Faults;

  constructor(options: {
    ctx: ServiceContext;
    indexes: IndexStore;
    engine: VectorEngine;
    faults: Faults;
    delay: number;
  }) {
    this.#ctx = options.ctx;
    this.#indexes = options.indexes;
    this.#engine = options.engine;
    this.#faults = options.faults;
    this.delay = options.delay;
  }

  async write(index: IndexName, body: Uint8Array, options: WriteOptions): Promise<{ mutationId: string }> {
    return this.#mutate(index, (target, mutation) => this.#engine.call("write", target, body, options, mutation));
  }

  async deleteByIds(index: IndexName, body: string): Promise<{ mutationId: string }> {
    this.#indexes.get(index.accountId, index.name);
    const { ids } = parseBody(body, IdsBody);
    if (ids.length > LIMITS.idsToDelete) throw tooManyIds(LIMITS.idsToDelete, ids.length);
    return this.#mutate(index, (target, mutation) => this.#engine.call("remove", target, ids, mutation));
  }

  async createMetadataIndex(index: IndexName, body: string): Promise<{ mutationId: string }> {
    const metadataIndex = parseBody(body, NewMetadataIndex);
    return this.#mutate(index, (target, mutation) =>
      this.#engine.call("createMetadataIndex", target, metadataIndex, mutation),
    );
  }

  async deleteMetadataIndex(index: IndexName, body: string): Promise<{ mutationId: string }> {
    const { propertyName } = parseBody(body, OldMetadataIndex);
    return this.#mutate(index, (target, mutation) =>
      this.#engine.call("deleteMetadataIndex", target, propertyName, mutation),
    );
  }

  async metadataIndexes(index: IndexName): Promise<{ metadataIndexes: MetadataIndex[] }> {
    const { metadataIndexes } = await this.state(index);
    return { metadataIndexes };
  }

  async query(index: IndexName, body: string): Promise<{ count: number; matches: Match[] }> {
    const target = this.#target(index);
    const query = parseQuery(body, target.config);
    this.#ctx.countUsage?.(index.accountId, "", { "vectorize.queried_dimensions": target.config.dimensions });
    const matches = await this.#engine.call("query", target, query);
    return { count: matches.length, matches };
  }

  async getByIds(index: IndexName, body: string): Promise<(StoredVector & { values: number[] })[]> {
    const target = this.#target(index);
    const { ids } = parseBody(body, IdsBody);
    if (ids.length > LIMITS.idsToGet) throw tooManyIds(LIMITS.idsToGet, ids.length);
    return this.#engine.call("get", target, ids);
  }

  /** @throws {ApiError} 40026 when the cursor is unknown or too old. */
  async list(index: IndexName, count: number, cursor: string | undefined): Promise<IdPage> {
    const page = await this.#engine.call("list", this.#target(index), count, cursor);
    if (!page) throw unparsableBody("cursor: unknown or expired; begin the list anew, without one");
    return page;
  }

  async info(index: IndexName): Promise<IndexInfo> {
    const { dimensions } = this.#indexes.get(index.accountId, index.name).config;
    const { vectorCount, processedAt, processedUpToMutation } = await this.state(index);
    const processedUpToDatetime = processedAt === null ? null : timestamp(processedAt);
    return { vectorCount, dimensions, processedUpToDatetime, processedUpToMutation };
  }

  state(index: IndexName): Promise<IndexState> {
    return this.#engine.call("state", this.#target(index));
  }

  sample(index: IndexName, namespace: string | undefined, limit: number): Promise<StoredVector[]> {
    return this.#engine.call("sample", this.#target(index), namespace, limit);
  }

  /** Deletes an index and its vectors. @throws {ApiError} 3000 */
  async deleteIndex({ accountId, name }: IndexName): Promise<void> {
    const folder = this.#indexes.folder(accountId, name);
    this.#indexes.delete(accountId, name);
    await this.#engine.call("drop", folder);
  }

  async #mutate(
    index: IndexName,
    send: (target: Target, mutation: Mutation) => Promise<number>,
  ): Promise<{ mutationId: string }> {
    const target = this.#target(index);
    const slow = this.#faults.take("vectorize", index.name, ["slow"])?.ms ?? 0;
    const id = this.#ctx.ids.uuid();
    const due = await send(target, { id, due: target.now + this.delay + slow });
    this.#applyAt(due, target);
    return { mutationId: id };
  }

  /** Whoever asks sees what is due done; this does it even when nobody asks. */
  #applyAt(due: number, target: Target): void {
    const wait = due - this.#ctx.clock.now();
    if (wait <= 0 || wait > 60_000) return;
    // The index may be gone by then, and who asks for it is told what is wrong with it.
    setTimeout(
      () => void this.#engine.call("apply", { ...target, now: this.#ctx.clock.now() }).catch(() => {}),
      wait,
    ).unref();
  }

  /** @throws {ApiError} 3000, or what a fault says. */
  #target({ accountId, name }: IndexName): Target & { config: IndexConfig } {
    const { config } = this.#indexes.get(accountId, name);
    const fault = this.#faults.take("vectorize", name, ["fail"]);
    if (fault) throw faultError(fault);
    const folder = this.#indexes.folder(accountId, name);
    return { folder, dimensions: config.dimensions, now: this.#ctx.clock.now(), config };
  }
}

function faultError({ status = 500, code = 10_002 }: Fault): ApiError {
  return new ApiError(status, code, "failed on purpose: a fault is set for vectorize");
}
