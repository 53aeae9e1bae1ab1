/** Name of the Worker that counts for the rate limits that several Workers share. */
export const RATE_LIMIT_SERVICE = "local-cloud:rate-limits";

/** One count for each namespace, window and key, in memory, as long as the runtime runs. */
const COUNT = `
const windows = new Map();

/** Whether one more call is within the limit; it is counted then. */
function count(namespace, limit, period, key) {
  const number = Math.floor(Date.now() / (period * 1000));
  const name = namespace + "/" + period;
  let window = windows.get(name);
  if (window?.number !== number) windows.set(name, (window = { number, counts: new Map() }));
  const counted = window.counts.get(key) ?? 0;
  if (counted >= limit) return false;
  window.counts.set(key, counted + 1);
  return true;
}`;

/** Code of that Worker. */
export const RATE_LIMIT_WORKER_CODE = `${COUNT}
export default {
  fetch(request) {
    const [namespace, limit, period, key] = JSON.parse(decodeURIComponent(request.headers.get("x-limit")));
    return new Response(null, { status: count(namespace, limit, period, key) ? 204 : 429 });
  },
};`;

/** Name of the module that a Worker's rate limit binding is made of. */
export const RATE_LIMIT_MODULE = "local-cloud:rate-limit";

/**
 * Code of the binding. A limit that no other Worker has is counted where it is asked for: a Worker has one isolate here,
 * and a call of another Worker costs as much as the rest of a small request.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
 */
export const RATE_LIMIT_MODULE_CODE = `${COUNT}
export default ({ counter, namespace, limit, period }) => ({
  async limit(options) {
    const key = options?.key;
    if (typeof key !== "string") throw new TypeError("limit() wants { key: string }");
    if (!counter) return { success: count(namespace, limit, period, key) };
    const headers = { "x-limit": encodeURIComponent(JSON.stringify([namespace, limit, period, key])) };
    const { status } = await counter.fetch("http://rate-limits/", { headers });
    return { success: status === 204 };
  },
});`;
