/**
 * Code of the Worker between workerd's Analytics Engine bindings and us. workerd sends each point in a request of its
 * own; here those that come while some are on their way leave together with the next.
 */
export const ANALYTICS_WORKER_CODE = `
let waiting = [];
/** When a request of ours left, in ms; 0: none is on its way. */
let sending = 0;
/** A sender that was ended does not say so. */
const LOST_AFTER_MS = 5000;

export default {
  async fetch(request, env, ctx) {
    waiting.push(await request.text());
    if (Date.now() - sending > LOST_AFTER_MS) ctx.waitUntil(send(env));
    return new Response();
  },
};

async function send(env) {
  while (waiting.length > 0) {
    const events = waiting;
    waiting = [];
    sending = Date.now();
    await env.CLOUD.fetch("http://local/analytics", { method: "POST", body: "[" + events.join(",") + "]" }).catch(() => {});
  }
  sending = 0;
}`;
