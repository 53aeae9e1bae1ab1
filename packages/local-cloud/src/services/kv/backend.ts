import { Hono } from "hono";
import type { Faults } from "../../core/faults.ts";
import type { NamespaceStore } from "./store.ts";

/** Names the namespace that a Worker writes to. */
export const NAMESPACE_HEADER = "x-local-namespace";

/** For so long, in ms, a location may serve what it has read before. @see https://developers.cloudflare.com/kv/concepts/how-kv-works/ */
const STALE_MS = 60_000;

/** What the runtime asks of every write: how many milliseconds later reads shall see it. */
export function kvBackend(namespaces: NamespaceStore, faults: Faults): Hono {
  return new Hono().post("/late", (context) => {
    const { title } = namespaces.get(
      context.req.header("x-local-account") ?? "",
      context.req.header(NAMESPACE_HEADER) ?? "",
    );
    const fault = faults.take("kv", title, ["stale"]);
    return context.text(String(fault ? (fault.ms ?? STALE_MS) : 0));
  });
}
