/** Name of the Worker that counts for all rate limits of an account. */
export const RATE_LIMIT_SERVICE = "local-cloud:rate-limits";

/**
 * Code of the Worker that counts: one count for each namespace, window and key, in memory, as long as the runtime runs.
 * Several Workers with the same namespace share it. Miniflare's own takes three hops and a Durable Object.
 */
export const RATE_LIMIT_WORKER_CODE = `
const windows = new Map();

export default {
  fetch(request) {
    const [namespace, limit, period, key] = JSON.parse(request.headers.get("x-limit")).map(decodeURIComponent);
    const number = Math.floor(Date.now() / (period * 1000));
    const name = namespace + "/" + period;
    let window = windows.get(name);
    if (window?.number !== number) windows.set(name, (window = { number, counts: new Map() }));
    const count = window.counts.get(key) ?? 0;
    if (count >= Number(limit)) return new Response(null, { status: 429 });
    window.counts.set(key, count + 1);
    return new Response(null, { status: 204 });
  },
};`;

/** Name of the module that a Worker's rate limit binding is made of. */
export const RATE_LIMIT_MODULE = "local-cloud:rate-limit";

/** @see https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
export const RATE_LIMIT_MODULE_CODE = `
export default ({ counter, namespace, limit, period }) => ({
  async limit(options) {
    const key = options?.key;
    if (typeof key !== "string") throw new TypeError("limit() wants { key: string }");
    const headers = { "x-limit": JSON.stringify([namespace, limit, period, key].map((part) => encodeURIComponent(part))) };
    const { status } = await counter.fetch("http://rate-limits/", { headers });
    return { success: status === 204 };
  },
});`;
