import { type CacheEntry, lifetime } from "./entry.ts";

/**
 * Answers in the Cache API of one data centre. It does nothing on workers.dev, only on a domain of one's own.
 * @see https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export const colo = {
  async get(tenant: string, key: string): Promise<string | null> {
    const response = await (await open()).match(addressOf(tenant, key));
    return response ? response.text() : null;
  },

  async put(entry: CacheEntry, text: string): Promise<void> {
    const headers = { "content-type": "application/json", "cache-control": `public, max-age=${lifetime(entry)}` };
    await (await open()).put(addressOf(entry.tenant, entry.key), new Response(text, { headers }));
  },

  async delete(tenant: string, key: string): Promise<void> {
    await (await open()).delete(addressOf(tenant, key));
  },
};

function open(): Promise<Cache> {
  return caches.open("answers");
}

/** A tenant's name has only characters that a path may have. */
function addressOf(tenant: string, key: string): string {
  return `https://answers.invalid/${tenant}/${key}`;
}
