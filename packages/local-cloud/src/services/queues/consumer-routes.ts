import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { errors } from "./errors.ts";
import { ConsumerBody } from "./settings.ts";
import { describeConsumer, type Queue, type QueueStore } from "./store.ts";

export interface ConsumerRoutesOptions {
  readonly queues: QueueStore;
  readonly dispatcher: Pick<Dispatcher, "changed">;
  /** Handlers of a script, e.g. `queue`. Undefined when there is no such script. */
  readonly handlers: (accountId: string, script: string) => readonly string[] | undefined;
}

/**
 * Consumers of a queue, which may have one.
 *
 * @see https://developers.cloudflare.com/api/resources/queues/subresources/consumers/
 */
export function consumerRoutes({ queues, dispatcher, handlers }: ConsumerRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(failure);

  routes.get("/:id/consumers", (context) => {
    const queue = queueOf(context);
    return ok(
      context,
      queues.consumers(queue.id).map((consumer) => describeConsumer(queue, consumer)),
    );
  });
  routes.post("/:id/consumers", async (context) => {
    const queue = queueOf(context);
    const consumer = queues.addConsumer(queue, await bodyOf(context, queue));
    dispatcher.changed(queue);
    return ok(context, describeConsumer(queue, consumer));
  });
  routes.get("/:id/consumers/:consumer", (context) => {
    const queue = queueOf(context);
    return ok(context, describeConsumer(queue, queues.getConsumer(queue.id, context.req.param("consumer"))));
  });
  routes.put("/:id/consumers/:consumer", async (context) => {
    const queue = queueOf(context);
    queues.getConsumer(queue.id, context.req.param("consumer"));
    const consumer = queues.updateConsumer(queue, context.req.param("consumer"), await bodyOf(context, queue));
    dispatcher.changed(queue);
    return ok(context, describeConsumer(queue, consumer));
  });
  routes.delete("/:id/consumers/:consumer", (context) => {
    const queue = queueOf(context);
    queues.deleteConsumer(queue, context.req.param("consumer"));
    return ok(context, null);
  });
  return routes;

  function queueOf(context: Context): Queue {
    return queues.get(accountOf(context), context.req.param("id") ?? "");
  }

  async function bodyOf(context: Context, { accountId }: Queue): Promise<ConsumerBody> {
    const parsed = ConsumerBody.safeParse(await jsonBody(context, z.unknown()));
    if (!parsed.success) throw errors.invalidConsumer(z.prettifyError(parsed.error));
    if (parsed.data.type === "worker") {
      const { script_name: script } = parsed.data;
      const known = handlers(accountId, script);
      if (known === undefined) throw errors.scriptNotFound(script);
      if (!known.includes("queue")) throw errors.handlerMissing(script);
    }
    return parsed.data;
  }
}
