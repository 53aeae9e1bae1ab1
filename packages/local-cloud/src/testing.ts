import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createActivityLog } from "./core/activity.ts";
import { createClock } from "./core/clock.ts";
import { createFaults, type Faults, faultRoutes } from "./core/faults.ts";
import { createIds } from "./core/ids.ts";
import { PLANS } from "./core/plan.ts";
import { Store } from "./core/store.ts";
import { createInference } from "./models/inference.ts";
import { createModels } from "./models/models.ts";
import { type TestRoutes, testGateways } from "./services/ai-gateway/index.ts";
import { workersAiBackend } from "./services/workers-ai/backend.ts";
import { unwrapRemoteBinding } from "./testing/remote-binding.ts";

export type { Fault, Faults } from "./core/faults.ts";
// For tests that hold a price list of their own against the cloud's.
export { CATALOG, type CatalogModel } from "./models/catalog.ts";
export { FOREIGN_MODELS, type ForeignModel } from "./models/foreign-catalog.ts";
export { answerJson, bodyOf, endServers, listen, passOn } from "./testing/small-server.ts";
export { FALLBACK, PRIMARY, SPENT_BY_ONE_CALL, spendIt, twoModelRoute } from "./testing/two-model-route.ts";
export { serveVectorize, type TestIndex, type VectorizeServer } from "./testing/vectorize-server.ts";

/** A running stand-in for Workers AI. */
export interface WorkersAiServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Faults to set from the test's own process; from elsewhere `POST <url>/_local/faults`. */
  faults: Faults;
  close(): Promise<void>;
}

/** What {@link serveWorkersAi} serves. */
export interface WorkersAiServerOptions {
  /** An OpenAI-compatible server that answers instead of the stand-in. */
  upstreamUrl?: string;
  /** Settings of every gateway, in the API's names, e.g. `spend_limits`. */
  gateway?: Readonly<Record<string, unknown>>;
  /** Elements of the dynamic routes that every gateway has, by name. Every other name asks one model. */
  routes?: TestRoutes;
}

/**
 * Serves Workers AI and AI Gateway on 127.0.0.1, for Worker tests: models, and the gateway itself with its cache, logs,
 * limits and routes. Gateways are there as soon as they are asked for.
 *
 * @example
 * const ai = await serveWorkersAi({ gateway: { cache_ttl: 60 } });
 * new Miniflare({ ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) }, … });
 */
export async function serveWorkersAi(options: WorkersAiServerOptions = {}): Promise<WorkersAiServer> {
  const { gateway = {}, routes = {}, ...modelOptions } = options;
  const faults = createFaults();
  const clock = createClock();
  const ids = createIds();
  const store = new Store(":memory:");
  const activity = createActivityLog(() => clock.now());
  const ctx = { store, clock, ids, activity, directory: "", limits: () => PLANS.paid };
  const inference = createInference({ models: createModels({ faults, ...modelOptions }), clock });
  const gateways = testGateways(ctx, { faults, inference, settings: gateway, routes });
  const backend = workersAiBackend({ inference, newId: () => ids.uuid(), gateway: gateways.binding });

  const app = new Hono();
  app.route("/_local/faults", faultRoutes(faults));
  app.all("*", (context) => backend.fetch(unwrapRemoteBinding(context.req.raw), context.env));
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        faults,
        close: () =>
          new Promise((closed, failed) => {
            server.close((error) => {
              gateways.close();
              store.close();
              if (error) failed(error);
              else closed();
            });
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.once("error", reject);
    // Tests end it; a tool that only reads a test's configuration must be able to end without.
    server.unref();
  });
}
