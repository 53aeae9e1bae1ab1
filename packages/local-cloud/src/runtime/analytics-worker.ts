/**
 * Code of the Worker between workerd's Analytics Engine bindings and us. workerd sends each point in a request of its
 * own, and ends that when the Worker that wrote it has answered: a point that waited for company here would be lost.
 */
export const ANALYTICS_WORKER_CODE = `
export default {
  async fetch(request, env) {
    const body = "[" + (await request.text()) + "]";
    await env.CLOUD.fetch("http://local/analytics", { method: "POST", body }).catch(() => {});
    return new Response();
  },
};`;
