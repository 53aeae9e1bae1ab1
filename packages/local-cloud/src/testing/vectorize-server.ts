import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createActivityLog } from "../core/activity.ts";
import { createClock } from "../core/clock.ts";
import { createFaults, type Faults, faultRoutes } from "../core/faults.ts";
import { createIds } from "../core/ids.ts";
import { PLANS } from "../core/plan.ts";
import { Store } from "../core/store.ts";
import { INDEX_HEADER, vectorizeBackend } from "../services/vectorize/backend.ts";
import type { MetadataIndex } from "../services/vectorize/metadata.ts";
import { IndexStore } from "../services/vectorize/store.ts";
import { VectorEngine } from "../services/vectorize/vector-engine.ts";
import { Vectors } from "../services/vectorize/vectors.ts";
import { unwrapRemoteBinding } from "./remote-binding.ts";

/** An index as a test wants it. */
export interface TestIndex {
  readonly dimensions: number;
  readonly metric: "cosine" | "euclidean" | "dot-product";
  readonly metadataIndexes?: readonly MetadataIndex[];
}

/** A running stand-in for Vectorize. */
export interface VectorizeServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Faults to set from the test's own process (their target is the binding's name); from elsewhere `POST <url>/_local/faults`. */
  faults: Faults;
  close(): Promise<void>;
}

/** The one account of a test. */
const ACCOUNT = "test";

/**
 * Serves Vectorize on 127.0.0.1, for Worker tests: an index for each binding, by its name.
 *
 * @param options.delay milliseconds until a mutation is done. @default 0
 * @example
 * const vectors = await serveVectorize({ DOCUMENTS: { dimensions: 768, metric: "cosine" } });
 * const remoteProxyConnectionString = new URL(vectors.url);
 * new Miniflare({ vectorize: { DOCUMENTS: { index_name: "documents", remoteProxyConnectionString } }, … });
 */
export async function serveVectorize(
  indexes: Readonly<Record<string, TestIndex>>,
  { delay = 0 }: { readonly delay?: number } = {},
): Promise<VectorizeServer> {
  const directory = await mkdtemp(join(tmpdir(), "local-vectorize-"));
  const faults = createFaults();
  const clock = createClock();
  const store = new Store(":memory:");
  const ctx = {
    store,
    clock,
    ids: createIds(),
    activity: createActivityLog(() => clock.now()),
    directory,
    limits: () => PLANS.paid,
  };
  const engine = new VectorEngine();
  const known = new IndexStore(ctx, () => {});
  const vectors = new Vectors({ ctx, indexes: known, engine, faults, delay });
  for (const [name, { dimensions, metric, metadataIndexes = [] }] of Object.entries(indexes)) {
    known.create(ACCOUNT, { name, config: { dimensions, metric } });
    for (const each of metadataIndexes) {
      await vectors.createMetadataIndex({ accountId: ACCOUNT, name }, JSON.stringify(each));
    }
  }

  const backend = vectorizeBackend(vectors);
  const app = new Hono();
  app.route("/_local/faults", faultRoutes(faults));
  app.all("*", (context) => {
    const request = new Request(unwrapRemoteBinding(context.req.raw));
    request.headers.set("x-local-account", ACCOUNT);
    request.headers.set(INDEX_HEADER, context.req.header("mf-binding") ?? "");
    return backend.fetch(request, context.env);
  });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        faults,
        async close() {
          const closed = new Promise((ended) => server.close(ended));
          if ("closeAllConnections" in server) server.closeAllConnections();
          await closed;
          await engine.close();
          store.close();
          await rm(directory, { recursive: true, force: true });
        },
      });
    });
    server.once("error", reject);
    // Tests end it; a tool that only reads a test's configuration must be able to end without.
    server.unref();
  });
}
