import { Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { timestamp } from "../../core/clock.ts";
import { failure, ok } from "../../core/envelope.ts";
import { pageOf } from "../../core/paging.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Broker } from "./broker.ts";
import { errors } from "./errors.ts";
import { NewQueue, QueueChange } from "./settings.ts";
import { describeQueue, type Queue, type QueueStore } from "./store.ts";

const PurgeBody = z.object({ delete_messages_permanently: z.boolean().optional() });

export interface QueueRoutesOptions {
  readonly queues: QueueStore;
  readonly broker: Broker;
  /** Scripts that are bound to a queue. */
  readonly producers: (accountId: string, queueName: string) => string[];
  /** Told when an account has a queue more. */
  readonly appeared: (accountId: string) => void;
}

/**
 * Queues.
 *
 * @see https://developers.cloudflare.com/api/resources/queues/
 */
export function queueRoutes({ queues, broker, producers, appeared }: QueueRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(failure);
  const describe = (queue: Queue) =>
    describeQueue(queue, queues.consumers(queue.id), producers(queue.accountId, queue.name));

  routes.get("/", (context) => {
    const names = context.req.queries("name");
    const all = queues.list(accountOf(context)).filter(({ name }) => names === undefined || names.includes(name));
    const { items, info } = pageOf(context, all, 100);
    return ok(context, items.map(describe), info);
  });
  routes.post("/", async (context) => {
    const { queue_name: name, settings, jurisdiction } = fit(NewQueue, await jsonBody(context, z.unknown()));
    const queue = queues.create(accountOf(context), name, settings ?? {}, jurisdiction ?? null);
    appeared(queue.accountId);
    return ok(context, describe(queue));
  });
  routes.get("/:id", (context) => ok(context, describe(queues.get(accountOf(context), context.req.param("id")))));
  // PUT leaves alone what it does not name, as PATCH does: the provider sends only what the program names.
  routes.on(["PUT", "PATCH"], "/:id", async (context) => {
    const { queue_name: name, settings } = fit(QueueChange, await jsonBody(context, z.unknown()));
    const accountId = accountOf(context);
    const queue = queues.update(accountId, context.req.param("id"), name ?? undefined, settings ?? {});
    broker.dispatcher.changed(queue);
    if (name) appeared(accountId);
    return ok(context, describe(queue));
  });
  routes.delete("/:id", async (context) => {
    const accountId = accountOf(context);
    const { id } = queues.get(accountId, context.req.param("id"));
    queues.delete(accountId, id);
    await broker.drop(accountId, id);
    return ok(context, null);
  });

  routes.get("/:id/purge", (context) => {
    const startedAt = broker.lastPurge(queues.get(accountOf(context), context.req.param("id")));
    return ok(context, startedAt === undefined ? {} : { started_at: timestamp(startedAt), completed: "true" });
  });
  routes.post("/:id/purge", async (context) => {
    const queue = queues.get(accountOf(context), context.req.param("id"));
    const { delete_messages_permanently: confirmed } = await jsonBody(context, PurgeBody);
    if (confirmed !== true) throw errors.purgeNotConfirmed();
    await broker.purge(queue);
    return ok(context, describe(queue));
  });
  return routes;
}

function fit<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw errors.invalidQueue(z.prettifyError(parsed.error));
  return parsed.data;
}
