import { type CacheEntry, lifetime } from "./entry.ts";

/** Answers in Workers KV, for every data centre; a new one is seen everywhere within about a minute. */
export function kvLevel(namespace: KVNamespace) {
  return {
    get: (tenant: string, key: string): Promise<string | null> => namespace.get(nameOf(tenant, key)),
    put: (entry: CacheEntry, text: string): Promise<void> =>
      namespace.put(nameOf(entry.tenant, entry.key), text, { expirationTtl: lifetime(entry) }),
    delete: (tenant: string, key: string): Promise<void> => namespace.delete(nameOf(tenant, key)),
  };
}

function nameOf(tenant: string, key: string): string {
  return `answer/${tenant}/${key}`;
}
