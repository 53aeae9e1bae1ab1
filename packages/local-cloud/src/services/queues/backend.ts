import { Hono } from "hono";
import { ApiError } from "../../core/api-error.ts";
import { type Broker, queueForData } from "./broker.ts";
import type { Backlog } from "./message.ts";
import { bindingBatch, bindingMessage } from "./parse-messages.ts";
import type { QueueStore } from "./store.ts";

/** Names the queue of a binding, by its id. */
export const QUEUE_HEADER = "x-local-queue";
/** Seconds of the binding's own delay. */
export const DELAY_HEADER = "x-local-queue-delay";

/** What workerd's own queue binding asks: `send`, `sendBatch` and `metrics`. */
export function queuesBackend(queues: QueueStore, broker: Broker): Hono {
  const routes = new Hono();
  // workerd puts the code and the cause into the message of what it throws.
  routes.onError((error, context) => {
    const refusal =
      error instanceof ApiError ? error : new ApiError(500, 15000, "UnknownInternalError: see the cloud's terminal");
    if (refusal.status >= 500) console.error(error);
    context.header("CF-Queues-Error-Code", String(refusal.code));
    context.header("CF-Queues-Error-Cause", refusal.message);
    return context.body(null, refusal.status as 400);
  });
  routes.post("/message", async (context) => {
    const { queue, delay } = callOf(context.req.raw.headers);
    const message = bindingMessage(context.req.raw.headers, new Uint8Array(await context.req.arrayBuffer()));
    return context.json({ metadata: { metrics: metricsOf(await broker.send(queue, [message], delay)) } });
  });
  routes.post("/batch", async (context) => {
    const { queue, delay } = callOf(context.req.raw.headers);
    const messages = bindingBatch(context.req.raw.headers, await context.req.text());
    return context.json({ metadata: { metrics: metricsOf(await broker.send(queue, messages, delay)) } });
  });
  routes.get("/metrics", async (context) => {
    const { queue } = callOf(context.req.raw.headers);
    return context.json(metricsOf(await broker.backlog(queue)));
  });
  return routes;

  function callOf(headers: Headers) {
    const queue = queueForData(queues, headers.get("x-local-account") ?? "", headers.get(QUEUE_HEADER) ?? "");
    const delay = headers.get(DELAY_HEADER);
    return { queue, delay: delay === null ? undefined : Number(delay) };
  }
}

function metricsOf({ count, bytes, oldest }: Backlog) {
  return { backlogCount: count, backlogBytes: bytes, oldestMessageTimestamp: oldest };
}
