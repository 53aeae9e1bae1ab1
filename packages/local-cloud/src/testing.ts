import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createClock } from "./core/clock.ts";
import { createFaults, type Faults, faultRoutes } from "./core/faults.ts";
import { createIds } from "./core/ids.ts";
import { createInference } from "./models/inference.ts";
import { createModels } from "./models/models.ts";
import { workersAiBackend } from "./services/workers-ai/backend.ts";
import { passThroughGateway } from "./services/workers-ai/pass-through-gateway.ts";
import { unwrapRemoteBinding } from "./testing/remote-binding.ts";

export type { Fault, Faults } from "./core/faults.ts";

/** A running stand-in for Workers AI. */
export interface WorkersAiServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Faults to set from the test's own process; from elsewhere `POST <url>/_local/faults`. */
  faults: Faults;
  close(): Promise<void>;
}

/**
 * Serves Workers AI on 127.0.0.1, for Worker tests: text models, and a gateway that passes through to them.
 *
 * @param options.upstreamUrl an OpenAI-compatible server that answers instead of the stand-in.
 * @example
 * const ai = await serveWorkersAi();
 * new Miniflare({ ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) }, … });
 */
export async function serveWorkersAi(options: { upstreamUrl?: string } = {}): Promise<WorkersAiServer> {
  const faults = createFaults();
  const models = createModels({ faults, ...options });
  const ids = createIds();
  const facts = () => ({ id: ids.uuid(), now: Date.now() });
  const inference = createInference({ models, clock: createClock() });
  const backend = workersAiBackend({ inference, newId: () => ids.uuid(), gateway: passThroughGateway(models, facts) });

  const app = new Hono();
  app.route("/_local/faults", faultRoutes(faults));
  app.all("*", (context) => backend.fetch(unwrapRemoteBinding(context.req.raw)));
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        faults,
        close: () =>
          new Promise((closed, failed) => {
            server.close((error) => (error ? failed(error) : closed()));
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.once("error", reject);
    // Tests end it; a tool that only reads a test's configuration must be able to end without.
    server.unref();
  });
}
