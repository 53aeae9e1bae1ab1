import { Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import type { Faults } from "../../core/faults.ts";
import type { DataPlane, Service, ServiceContext } from "../../core/service.ts";
import { kvBackend, NAMESPACE_HEADER } from "./backend.ts";
import { bindingNamespaceNotFound } from "./errors.ts";
import { pairRoutes } from "./pair-routes.ts";
import { namespaceRoutes } from "./routes.ts";
import { NamespaceStore } from "./store.ts";

const KvBinding = z.object({ namespace_id: z.string() });

/** Workers KV. The runtime simulates reads and writes; this service owns the namespaces. */
export function kv(ctx: ServiceContext, dataPlane: DataPlane, faults: Faults): Service {
  const namespaces = new NamespaceStore(ctx, dataPlane);
  const routes = new Hono();
  routes.route("/storage/kv/namespaces", namespaceRoutes(namespaces));
  routes.route("/storage/kv/namespaces", pairRoutes(ctx, dataPlane, namespaces));
  return {
    name: "kv",
    routes,
    backend: kvBackend(namespaces, faults),
    bindings: {
      kv_namespace(accountId, binding) {
        const { namespace_id: id } = KvBinding.parse(binding);
        try {
          const { id: namespaceId } = namespaces.get(accountId, id);
          return { type: "kv", namespaceId, service: "kv", headers: { [NAMESPACE_HEADER]: namespaceId } };
        } catch (error) {
          throw error instanceof ApiError ? bindingNamespaceNotFound(id) : error;
        }
      },
    },
    resources: (accountId) => namespaces.list(accountId).map(({ id }) => ({ type: "kv", namespaceId: id })),
    summaries: (accountId) => namespaces.list(accountId).map(({ id, title }) => ({ product: "kv", id, name: title })),
  };
}
