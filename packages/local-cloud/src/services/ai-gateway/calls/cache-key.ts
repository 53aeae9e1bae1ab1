import { createHash } from "node:crypto";
import type { Gateway, Route } from "../gateway.ts";
import type { CallOptions, Metadata } from "./call-options.ts";
import { fieldOf, metadataNamed } from "./condition.ts";
import type { Entrance, Step } from "./gateway-call.ts";

/**
 * How long an answer is kept where the gateway has no cache of its own but the call brings a key, in seconds. Calls
 * through the binding are kept as long even without a key: seen at Cloudflare with `cache_ttl: 0`, where only
 * `skipCache` gave a fresh answer.
 */
const DEFAULT_LIFETIME = 300;

/** How many seconds the answer of a call is kept; 0: the cache is neither asked nor written. */
export function cacheLifetime(gateway: Gateway, options: CallOptions, entrance: Entrance): number {
  if (options.skipCache) return 0;
  if (options.cacheTtl !== undefined) return options.cacheTtl;
  if (gateway.cache_ttl > 0) return gateway.cache_ttl;
  return options.cacheKey !== undefined || entrance === "binding" ? DEFAULT_LIFETIME : 0;
}

/**
 * The cache's key of a step: the account's gateway, and either the call's own key or the whole request with the
 * provider's key. A gateway made anew, and one that wants its cache dropped at each change, begin with an empty cache.
 * Of a dynamic route its elements count, and the metadata that they decide by.
 *
 * @see https://developers.cloudflare.com/ai-gateway/features/caching/
 */
export function cacheKey(accountId: string, gateway: Gateway, step: Step, route: Route | undefined): string {
  const { cacheKey: own, metadata } = step.options;
  const hash = createHash("sha256");
  const owner = [
    accountId,
    gateway.id,
    gateway.created_at,
    gateway.cache_invalidate_on_update ? gateway.modified_at : "",
  ];
  if (own !== undefined) hash.update(JSON.stringify([...owner, "own", own, isStream(step.query)]));
  else {
    hash.update(JSON.stringify([...owner, "request", step.provider, step.endpoint, step.key ?? ""]));
    hash.update(step.text ?? JSON.stringify(step.query));
    if (route !== undefined) hash.update(JSON.stringify([route.elements, decidingMetadata(route, metadata)]));
  }
  return hash.digest("hex");
}

/** The metadata that a route's elements look at. */
function decidingMetadata(route: Route, metadata: Metadata | null | undefined): unknown[] {
  const names = route.elements.flatMap((element) => {
    if (element.type === "conditional") return metadataNamed(element.properties.conditions);
    return [];
  });
  return names.map((name) => [name, fieldOf({ metadata: metadata ?? {} }, name) ?? null]);
}

function isStream(query: unknown): boolean {
  return typeof query === "object" && query !== null && "stream" in query && query.stream === true;
}
