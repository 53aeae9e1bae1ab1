import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { indexExists, indexNotFound, invalidIndex, tooManyIndexes } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { Metric } from "./search.ts";

/** Dimensions and metric of an index, fixed for its life. */
export interface IndexConfig {
  dimensions: number;
  metric: Metric;
}

/** An index as the API shows it. */
export interface VectorizeIndex {
  name: string;
  description: string;
  config: IndexConfig;
  created_on: string;
  modified_on: string;
}

/**
 * What `preset` stands for: the dimensions of the model and the metric it was made for.
 *
 * @see https://developers.cloudflare.com/vectorize/best-practices/create-indexes/#dimensions
 */
const PRESETS: Readonly<Record<string, IndexConfig>> = {
  "@cf/baai/bge-small-en-v1.5": { dimensions: 384, metric: "cosine" },
  "@cf/baai/bge-base-en-v1.5": { dimensions: 768, metric: "cosine" },
  "@cf/baai/bge-large-en-v1.5": { dimensions: 1024, metric: "cosine" },
  "openai/text-embedding-ada-002": { dimensions: 1536, metric: "cosine" },
  "cohere/embed-multilingual-v2.0": { dimensions: 768, metric: "dot-product" },
};

const METRICS = ["cosine", "euclidean", "dot-product"] as const;

/** What a new index is made from. */
export const NewIndex = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i, "letters, digits, - and _"),
  description: z.string().nullish(),
  config: z.union(
    [
      z.object({ dimensions: z.int().min(1).max(LIMITS.dimensions), metric: z.enum(METRICS) }),
      z.object({ preset: z.enum(Object.keys(PRESETS)) }),
    ],
    {
      error:
        `either {dimensions, metric} with 1 to ${LIMITS.dimensions} dimensions and the metric ${METRICS.join(", ")}, ` +
        `or {preset}: ${Object.keys(PRESETS).join(", ")}`,
    },
  ),
});
type NewIndex = z.infer<typeof NewIndex>;

/** The indexes of all accounts. Their vectors are in a folder each. */
export class IndexStore {
  readonly #ctx: ServiceContext;
  readonly #appeared: (accountId: string) => void;

  /** @param appeared told when an account has an index more. */
  constructor(ctx: ServiceContext, appeared: (accountId: string) => void) {
    this.#ctx = ctx;
    this.#appeared = appeared;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS vectorize_indexes (
      account_id TEXT NOT NULL, name TEXT NOT NULL, folder TEXT NOT NULL, description TEXT NOT NULL,
      dimensions INTEGER NOT NULL, metric TEXT NOT NULL, created_on TEXT NOT NULL, PRIMARY KEY (account_id, name)
    ) STRICT`);
    this.#removeOrphans();
  }

  list(accountId: string): VectorizeIndex[] {
    return this.#ctx.store
      .all("SELECT * FROM vectorize_indexes WHERE account_id = ? ORDER BY created_on, name", accountId)
      .map(fromRow);
  }

  /** @throws {ApiError} 3000 */
  get(accountId: string, name: string): VectorizeIndex {
    return fromRow(this.#row(accountId, name));
  }

  /** Where the vectors are. Another index of the same name, later, has another folder. @throws {ApiError} 3000 */
  folder(accountId: string, name: string): string {
    return join(this.accountFolder(accountId), String(this.#row(accountId, name)["folder"]));
  }

  /** Where an account's indexes are. */
  accountFolder(accountId: string): string {
    return join(this.#ctx.directory, "vectorize", accountId);
  }

  /** @throws {ApiError} 3002 when the name is taken, 3003 when the plan has no more. */
  create(accountId: string, { name, description, config }: NewIndex): VectorizeIndex {
    const bytes = Buffer.byteLength(name);
    if (bytes > LIMITS.indexNameBytes) throw invalidIndex(`name: at most ${LIMITS.indexNameBytes} bytes, got ${bytes}`);
    const indexes = this.list(accountId);
    if (indexes.some((index) => index.name === name)) throw indexExists(name);
    const limit = this.#ctx.limits(accountId).vectorizeIndexes;
    if (indexes.length >= limit) throw tooManyIndexes(limit);
    const { dimensions, metric } = "preset" in config ? presetConfig(config.preset) : config;
    this.#ctx.store.run(
      `INSERT INTO vectorize_indexes (account_id, name, folder, description, dimensions, metric, created_on)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      accountId,
      name,
      // Not from the context's identifiers: a test's seeded ones begin anew at each start.
      `${name}.${randomUUID().slice(0, 8)}`,
      description ?? "",
      dimensions,
      metric,
      timestamp(this.#ctx.clock.now()),
    );
    this.#changed(accountId, "create", name);
    this.#appeared(accountId);
    return this.get(accountId, name);
  }

  /** Forgets an index. Its folder is the caller's to delete. @throws {ApiError} 3000 */
  delete(accountId: string, name: string): void {
    this.get(accountId, name);
    this.#ctx.store.run("DELETE FROM vectorize_indexes WHERE account_id = ? AND name = ?", accountId, name);
    this.#changed(accountId, "delete", name);
  }

  #row(accountId: string, name: string): Row {
    const row = this.#ctx.store.get(
      "SELECT * FROM vectorize_indexes WHERE account_id = ? AND name = ?",
      accountId,
      name,
    );
    if (!row) throw indexNotFound(name);
    return row;
  }

  /** Deletes the folders that a kill in the middle of a deletion left behind. */
  #removeOrphans(): void {
    const root = join(this.#ctx.directory, "vectorize");
    const known = new Set(
      this.#ctx.store
        .all("SELECT account_id, folder FROM vectorize_indexes")
        .map((row) => `${String(row["account_id"])}/${String(row["folder"])}`),
    );
    for (const accountId of subfolders(root))
      for (const folder of subfolders(join(root, accountId)))
        if (!known.has(`${accountId}/${folder}`))
          rmSync(join(root, accountId, folder), { recursive: true, force: true });
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.#ctx.activity.record({ type: "change", accountId, product: "vectorize", action, resource });
  }
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function presetConfig(preset: string): IndexConfig {
  const config = PRESETS[preset];
  if (!config) throw invalidIndex(`unknown preset "${preset}"`);
  return config;
}

const fromRow = (row: Row): VectorizeIndex => ({
  name: String(row["name"]),
  description: String(row["description"]),
  // Checked when it was created.
  config: { dimensions: Number(row["dimensions"]), metric: String(row["metric"]) as Metric },
  created_on: String(row["created_on"]),
  modified_on: String(row["created_on"]),
});
