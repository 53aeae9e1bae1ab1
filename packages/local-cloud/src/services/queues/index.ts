import { rm } from "node:fs/promises";
import { Hono } from "hono";
import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import type { Faults } from "../../core/faults.ts";
import type { DeliverBatch } from "../../core/queue-batch.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { TraceEvent } from "../../core/trace-event.ts";
import { DELAY_HEADER, QUEUE_HEADER, queuesBackend } from "./backend.ts";
import { Broker } from "./broker.ts";
import { consumerRoutes } from "./consumer-routes.ts";
import { errors } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { localRoutes } from "./local-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import { queueRoutes } from "./routes.ts";
import { QueueStore } from "./store.ts";

export interface QueuesOptions {
  readonly faults: Faults;
  readonly deliver: DeliverBatch;
  /** Handlers of a script, e.g. `queue`. Undefined when there is no such script. */
  readonly handlers: (accountId: string, script: string) => readonly string[] | undefined;
  /** Scripts with a binding to the queue. */
  readonly producers: (accountId: string, queueName: string) => string[];
  /** Told when a queue appeared: bindings that missed it lead to it now. */
  readonly changed: (accountId: string) => void;
  /** Milliseconds of wall time that a consumer has for a batch. @default 900000, as at Cloudflare */
  readonly consumerLimit?: number | undefined;
}

/** The service, and what the cloud asks of it. */
export interface QueuesService extends Service {
  /** Begins to deliver. */
  start(): Promise<void>;
  /** Calls of Workers that were traced: why a consumer failed is in them. */
  trace(accountId: string, script: string, events: readonly TraceEvent[]): void;
}

const QueueBinding = z.object({
  queue_name: z.string(),
  delivery_delay: z.int().min(0).max(LIMITS.delaySeconds).nullish(),
});

/** Queues: messages on the disk before they are acknowledged, pushed to Workers and pulled over HTTP. */
export function queues(ctx: ServiceContext, options: QueuesOptions): QueuesService {
  const { faults, deliver, handlers, producers, changed, consumerLimit = LIMITS.consumerMs } = options;
  const store = new QueueStore(ctx);
  const broker = new Broker({ ctx, queues: store, faults, deliver, timeLimit: consumerLimit });
  const { dispatcher } = broker;
  const routes = new Hono();
  routes.route("/queues", queueRoutes({ queues: store, broker, producers, appeared: changed }));
  routes.route("/queues", consumerRoutes({ queues: store, dispatcher, handlers }));
  routes.route("/queues", messageRoutes(store, broker));
  return {
    name: "queues",
    routes,
    backend: queuesBackend(store, broker),
    localRoutes: localRoutes({ queues: store, broker, producers }),
    bindings: {
      queue(accountId, binding) {
        const { queue_name: name, delivery_delay: delay } = QueueBinding.parse(binding);
        const queue = store.findBound(accountId, name);
        if (queue === undefined) throw errors.bindingQueueNotFound(binding.name, name);
        const headers = {
          [QUEUE_HEADER]: queue.id,
          ...(delay !== null && delay !== undefined && { [DELAY_HEADER]: String(delay) }),
        };
        return { type: "queue", service: "queues", headers };
      },
    },
    dependents: (accountId, script) => store.consumedBy(accountId, script).map((name) => `queue ${name}`),
    summaries: (accountId) =>
      store
        .list(accountId)
        .map(({ id, name, createdOn }) => ({ product: "queues", id, name, createdOn: timestamp(createdOn) })),
    start: () => broker.start(),
    trace: (...traced) => broker.failures.record(...traced),
    async forget(accountId) {
      store.forget();
      await broker.forget(accountId);
      for (const file of broker.files(accountId)) await rm(file, { force: true });
    },
    close: () => broker.close(),
  };
}
