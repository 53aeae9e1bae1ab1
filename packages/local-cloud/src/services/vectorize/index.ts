import { existsSync } from "node:fs";
import { Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import type { Faults } from "../../core/faults.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { Inference } from "../../models/inference.ts";
import { INDEX_HEADER, vectorizeBackend } from "./backend.ts";
import { bindingIndexNotFound } from "./errors.ts";
import { localRoutes } from "./local-routes.ts";
import { vectorizeRoutes } from "./routes.ts";
import { IndexStore } from "./store.ts";
import { VectorEngine } from "./vector-engine.ts";
import { DEFAULT_DELAY, Vectors } from "./vectors.ts";

export interface VectorizeOptions {
  readonly faults: Faults;
  /** Turns the texts of the console's queries into vectors. */
  readonly inference: Inference;
  /** Milliseconds until a mutation is done. @default 500 */
  readonly delay?: number | undefined;
  /** Told when an index appeared: bindings that missed it lead to it now. */
  readonly changed: (accountId: string) => void;
}

const VectorizeBinding = z.object({ index_name: z.string() });

/** The service, and what the cloud asks of it. */
export interface VectorizeService extends Service {
  /** Numbers in all vectors of an account. */
  storedDimensions(accountId: string): Promise<number>;
}

/** Vectorize: indexes, their vectors on disk, exact search off the main thread. */
export function vectorize(ctx: ServiceContext, options: VectorizeOptions): VectorizeService {
  const { faults, inference, changed, delay = DEFAULT_DELAY } = options;
  const indexes = new IndexStore(ctx, changed);
  const engine = new VectorEngine();
  const vectors = new Vectors({ ctx, indexes, engine, faults, delay });
  return {
    name: "vectorize",
    routes: new Hono().route("/vectorize/v2/indexes", vectorizeRoutes(indexes, vectors)),
    backend: vectorizeBackend(vectors),
    localRoutes: localRoutes({ indexes, vectors, inference, newId: () => ctx.ids.uuid() }),
    bindings: {
      vectorize(accountId, binding) {
        const { index_name: indexName } = VectorizeBinding.parse(binding);
        try {
          indexes.get(accountId, indexName);
        } catch (error) {
          throw error instanceof ApiError ? bindingIndexNotFound(binding.name, indexName) : error;
        }
        const headers = { [INDEX_HEADER]: indexName };
        return { type: "backend", module: "vectorize", service: "vectorize", headers, indexName };
      },
    },
    summaries: (accountId) =>
      indexes
        .list(accountId)
        .map(({ name, created_on }) => ({ product: "vectorize", id: name, name, createdOn: created_on })),
    async storedDimensions(accountId) {
      let dimensions = 0;
      for (const { name } of indexes.list(accountId)) {
        const info = await vectors.info({ accountId, name });
        dimensions += info.vectorCount * info.dimensions;
      }
      return dimensions;
    },
    async forget(accountId) {
      const folder = indexes.accountFolder(accountId);
      if (existsSync(folder)) await engine.call("drop", folder);
    },
    close: () => engine.close(),
  };
}
