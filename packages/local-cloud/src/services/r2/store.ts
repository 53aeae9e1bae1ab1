import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import type { DataPlane, ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { bucketExists, bucketNotEmpty, bucketNotFound, invalidBucketName, tooManyBuckets } from "./errors.ts";

/** Where data may live. */
export const Jurisdiction = z.enum(["default", "eu", "fedramp"]);
export type Jurisdiction = z.infer<typeof Jurisdiction>;

/** What storing costs. */
export const StorageClass = z.enum(["Standard", "InfrequentAccess"]);
export type StorageClass = z.infer<typeof StorageClass>;

/** A bucket as the API shows it. */
export interface Bucket {
  name: string;
  creation_date: string;
  location: string;
  storage_class: StorageClass;
  jurisdiction: Jurisdiction;
}

/** What a new bucket is made from. `location` is a hint: `weur`. */
export interface NewBucket {
  name: string;
  location?: string;
  storageClass: StorageClass;
  jurisdiction: Jurisdiction;
}

/** The buckets of all accounts. Their objects live in the runtime. */
export class BucketStore {
  readonly #ctx: ServiceContext;
  readonly #data: DataPlane;

  constructor(ctx: ServiceContext, data: DataPlane) {
    this.#ctx = ctx;
    this.#data = data;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS r2_buckets (
      account_id TEXT NOT NULL, name TEXT NOT NULL, jurisdiction TEXT NOT NULL, location TEXT NOT NULL,
      storage_class TEXT NOT NULL, creation_date TEXT NOT NULL, PRIMARY KEY (account_id, name)
    ) STRICT`);
  }

  /** By name. Without a jurisdiction those of all. */
  list(accountId: string, jurisdiction?: Jurisdiction): Bucket[] {
    return this.#ctx.store
      .all("SELECT * FROM r2_buckets WHERE account_id = ? ORDER BY name", accountId)
      .map(fromRow)
      .filter((bucket) => jurisdiction === undefined || bucket.jurisdiction === jurisdiction);
  }

  /** @throws {ApiError} 10006 when there is none of this name in the jurisdiction. */
  get(accountId: string, name: string, jurisdiction?: Jurisdiction): Bucket {
    const row = this.#ctx.store.get("SELECT * FROM r2_buckets WHERE account_id = ? AND name = ?", accountId, name);
    const bucket = row && fromRow(row);
    if (!bucket || (jurisdiction !== undefined && bucket.jurisdiction !== jurisdiction)) throw bucketNotFound();
    return bucket;
  }

  /** @throws {ApiError} 10005 for a bad name, 10004 when it is taken. */
  create(accountId: string, { name, location = "weur", storageClass, jurisdiction }: NewBucket): Bucket {
    if (!isBucketName(name)) throw invalidBucketName();
    const buckets = this.list(accountId);
    if (buckets.some((bucket) => bucket.name === name)) throw bucketExists();
    const limit = this.#ctx.limits(accountId).r2Buckets;
    if (buckets.length >= limit) throw tooManyBuckets(limit);
    this.#ctx.store.run(
      "INSERT INTO r2_buckets (account_id, name, jurisdiction, location, storage_class, creation_date) VALUES (?, ?, ?, ?, ?, ?)",
      accountId,
      name,
      jurisdiction,
      location.toUpperCase(),
      storageClass,
      timestamp(this.#ctx.clock.now()),
    );
    this.#changed(accountId, "create", name);
    return this.get(accountId, name);
  }

  /** @throws {ApiError} 10006 */
  setStorageClass(accountId: string, name: string, storageClass: StorageClass, jurisdiction: Jurisdiction): Bucket {
    this.get(accountId, name, jurisdiction);
    this.#ctx.store.run(
      "UPDATE r2_buckets SET storage_class = ? WHERE account_id = ? AND name = ?",
      storageClass,
      accountId,
      name,
    );
    this.#changed(accountId, "update", name);
    return this.get(accountId, name);
  }

  /** @throws {ApiError} 10006, 10008 when it still holds objects. */
  async delete(accountId: string, name: string, jurisdiction: Jurisdiction): Promise<void> {
    this.get(accountId, name, jurisdiction);
    const { objects } = await (await this.#data.r2(accountId, name)).list({ limit: 1 });
    if (objects.length > 0) throw bucketNotEmpty();
    this.#ctx.store.run("DELETE FROM r2_buckets WHERE account_id = ? AND name = ?", accountId, name);
    await this.#data.remove(accountId, { type: "r2", bucketName: name });
    this.#changed(accountId, "delete", name);
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.#data.changed(accountId);
    this.#ctx.activity.record({ type: "change", accountId, product: "r2", action, resource });
  }
}

/** @see https://developers.cloudflare.com/r2/buckets/create-buckets/#bucket-naming */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

const fromRow = (row: Row): Bucket => ({
  name: String(row["name"]),
  creation_date: String(row["creation_date"]),
  location: String(row["location"]),
  storage_class: StorageClass.parse(row["storage_class"]),
  jurisdiction: Jurisdiction.parse(row["jurisdiction"]),
});
