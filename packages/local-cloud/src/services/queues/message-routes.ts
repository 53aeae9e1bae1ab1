import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { type Broker, queueForData } from "./broker.ts";
import { dataErrors } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { Backlog, ContentType, StoredMessage, TakenMessage } from "./message.ts";
import { messageDelay, restBatch, restMessage } from "./parse-messages.ts";
import type { Queue, QueueStore } from "./store.ts";

const Pull = z.object({
  batch_size: z.int().min(1).max(LIMITS.batchMessages).nullish(),
  visibility_timeout_ms: z.int().min(0).max(LIMITS.visibilityMs).nullish(),
  /** An older name. */
  visibility_timeout: z.int().min(0).max(LIMITS.visibilityMs).nullish(),
});
const Ack = z.object({
  acks: z
    .array(z.object({ lease_id: z.string() }))
    .max(LIMITS.batchMessages)
    .nullish(),
  retries: z
    .array(z.object({ lease_id: z.string(), delay_seconds: z.number().nullish() }))
    .max(LIMITS.batchMessages)
    .nullish(),
});
const Peek = z.object({ batch_size: z.int().min(1).max(LIMITS.batchMessages).nullish() });
const Purge = z.object({ refs: z.array(z.object({ ref: z.string() })).nullish() });

/**
 * Messages over REST: sent, counted, pulled, acknowledged, looked at.
 *
 * @see https://developers.cloudflare.com/api/resources/queues/subresources/messages/
 */
export function messageRoutes(queues: QueueStore, broker: Broker): Hono {
  const routes = new Hono();
  routes.onError(failure);
  const queueOf = (context: Context): Queue => queueForData(queues, accountOf(context), context.req.param("id") ?? "");

  routes.post("/:id/messages", async (context) => {
    const queue = queueOf(context);
    const backlog = await broker.send(queue, [restMessage(await context.req.text())]);
    return ok(context, { metadata: { metrics: metricsOf(backlog) } });
  });
  routes.post("/:id/messages/batch", async (context) => {
    const queue = queueOf(context);
    const backlog = await broker.send(queue, restBatch(await context.req.text()));
    return ok(context, { metadata: { metrics: metricsOf(backlog) } });
  });
  routes.get("/:id/metrics", async (context) => ok(context, metricsOf(await broker.backlog(queueOf(context)))));
  routes.post("/:id/messages/pull", async (context) => {
    const queue = queueOf(context);
    const body = await bodyOf(context, Pull);
    const visibility = body.visibility_timeout_ms ?? body.visibility_timeout ?? undefined;
    const { messages, backlog } = await broker.pull(queue, { size: body.batch_size ?? undefined, visibility });
    return ok(context, {
      message_backlog_count: backlog.count,
      messages: messages.map((message) => ({ ...describe(message), lease_id: message.lease })),
      metadata: { metrics: metricsOf(backlog) },
    });
  });
  routes.post("/:id/messages/ack", async (context) => {
    const queue = queueOf(context);
    const { acks, retries } = await bodyOf(context, Ack);
    const retried = (retries ?? []).map(({ lease_id: lease, delay_seconds }) => ({
      lease,
      delay: messageDelay(delay_seconds),
    }));
    return ok(
      context,
      await broker.settleLeases(
        queue,
        (acks ?? []).map(({ lease_id }) => lease_id),
        retried,
      ),
    );
  });
  routes.post("/:id/messages/peek", async (context) => {
    const queue = queueOf(context);
    const { batch_size: limit } = await bodyOf(context, Peek);
    const messages = await broker.list(queue, { limit: limit ?? 10 });
    return ok(context, { messages: messages.map((message) => ({ ...describe(message), ref: refOf(message) })) });
  });
  routes.post("/:id/messages/purge", async (context) => {
    const queue = queueOf(context);
    const refs = ((await bodyOf(context, Purge)).refs ?? []).map(({ ref }) => ({ ref, sequence: sequenceOf(ref) }));
    const gone = new Set(
      await broker.remove(
        queue,
        refs.map(({ sequence }) => sequence),
      ),
    );
    const missing = refs.filter(({ sequence }) => !gone.has(sequence));
    return ok(context, {
      errors: [],
      warnings: Object.fromEntries(missing.map(({ ref }) => [ref, "no such message"])),
    });
  });
  return routes;
}

/** What HTTP clients get of a message: text as it is, everything else in base64. */
function describe({ id, sentAt, attempts, contentType, body }: TakenMessage) {
  return {
    id,
    body: bodyForHttp(contentType, body),
    timestamp_ms: sentAt,
    attempts,
    metadata: { "CF-Content-Type": contentType },
  };
}

function bodyForHttp(contentType: ContentType, body: Uint8Array): string {
  return Buffer.from(body).toString(contentType === "text" ? "utf8" : "base64");
}

function refOf({ sequence, id }: StoredMessage): string {
  return Buffer.from(`${sequence}.${id}`).toString("base64url");
}

function sequenceOf(ref: string): number {
  const sequence = Number(Buffer.from(ref, "base64url").toString().split(".")[0]);
  return Number.isSafeInteger(sequence) ? sequence : -1;
}

function metricsOf({ count, bytes, oldest }: Backlog) {
  return { backlog_count: count, backlog_bytes: bytes, oldest_message_timestamp_ms: oldest };
}

async function bodyOf<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await jsonBody(context, z.unknown()));
  if (!parsed.success) throw dataErrors.schema(z.prettifyError(parsed.error));
  return parsed.data;
}
