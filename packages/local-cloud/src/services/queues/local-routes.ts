import { type Context, Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import { failure } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { Broker } from "./broker.ts";
import type { StoredMessage, Totals } from "./message.ts";
import { restMessage } from "./parse-messages.ts";
import { type ReadableBody, readableBody } from "./readable-body.ts";
import { describeConsumer, type Queue, type QueueStore } from "./store.ts";

/** A queue as `GET /_local/queues` shows it. Times are ms since 1970 by the cloud's clock, periods are seconds. */
export interface LocalQueue {
  readonly id: string;
  readonly name: string;
  readonly createdOn: number;
  readonly paused: boolean;
  readonly deliveryDelay: number;
  readonly retention: number;
  /** Messages that are not acknowledged: `waiting + delayed + inFlight`. */
  readonly depth: number;
  readonly bytes: number;
  readonly waiting: number;
  /** Ready later: sent with a delay, or to be retried. */
  readonly delayed: number;
  /** With a consumer: pushed and not settled, or leased. */
  readonly inFlight: number;
  /** When the oldest message came into the queue. */
  readonly oldest: number | null;
  /** When the next delayed message is ready. */
  readonly nextReady: number | null;
  /** Since the queue was made. */
  readonly totals: Totals;
  /** Calls of the consumer under way. */
  readonly running: number;
  /** As the API shows it (`type`, `script`, `dead_letter_queue`, `settings`). */
  readonly consumer: ReturnType<typeof describeConsumer> | null;
  /** Scripts with a binding to it. */
  readonly producers: readonly string[];
  /** Names of the queues whose dead letters come here. */
  readonly deadLettersOf: readonly string[];
}

/** A message as `GET /_local/queues/messages` shows it. */
export interface LocalMessage {
  /** Names the message for `redrive` and `remove`. */
  readonly sequence: number;
  readonly id: string;
  readonly contentType: StoredMessage["contentType"];
  readonly bytes: number;
  readonly body: ReadableBody;
  readonly sentAt: number;
  /** When it came into this queue. */
  readonly enqueuedAt: number;
  readonly readyAt: number;
  /** Deliveries so far. Of a dead letter: since it is one. */
  readonly attempts: number;
  readonly state: StoredMessage["state"];
  /** Why its last delivery failed: `exception`, `retry`, `exceededWallTime` … */
  readonly reason: string | null;
  /** Of a dead letter: the queue it comes from. `name` is null when that queue is gone. */
  readonly origin: { readonly id: string; readonly name: string | null } | null;
}

const AccountQuery = z.object({ account: z.string().min(1) });
/** `queue` is a name or an id. */
const QueueQuery = AccountQuery.extend({ queue: z.string().min(1) });
const MessagesQuery = QueueQuery.extend({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .regex(/^\d+\.\d+$/)
    .optional(),
});
const Sequences = z.array(z.int().min(1)).min(1).max(1000);
const RemoveBody = z.strictObject({ messages: Sequences });
const RedriveBody = z.strictObject({ messages: Sequences.optional(), to: z.string().min(1).optional() });
const PauseBody = z.strictObject({ paused: z.boolean() });

export interface LocalRoutesOptions {
  readonly queues: QueueStore;
  readonly broker: Broker;
  readonly producers: (accountId: string, queueName: string) => string[];
}

/**
 * Queues for people, at `/_local/queues`. `queue` in a query is a name or an id; refusals have Cloudflare's envelope.
 *
 * | route | |
 * |---|---|
 * | `GET /?account=` | `{queues: LocalQueue[]}` |
 * | `GET /messages?account=&queue=&limit=&after=` | `{messages: LocalMessage[], next: string or null}`, oldest first; `next` is the `after` of the following page |
 * | `POST /send?account=&queue=` `{body, content_type?, delay_seconds?}` | `{depth}`: sends one message, as REST does |
 * | `POST /redrive?account=&queue=` `{messages?: sequence[], to?: name}` | `{moved: {queue name: count}, stayed}`: dead letters, chosen ones or all, go back to the queue they come from; `to` takes those whose queue is unknown |
 * | `POST /remove?account=&queue=` `{messages: sequence[]}` | `{removed}`: deletes single messages |
 * | `POST /purge?account=&queue=` | `{purged}`: deletes all messages |
 * | `POST /pause?account=&queue=` `{paused}` | `{paused}`: stops delivery, or goes on |
 */
export function localRoutes({ queues, broker, producers }: LocalRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(failure);

  routes.get("/", async (context) => {
    const { account } = AccountQuery.parse(context.req.query());
    const all = queues.list(account);
    const deadLettersOf = (name: string) =>
      all.filter(({ id }) => queues.consumer(id)?.deadLetterQueue === name).map((queue) => queue.name);
    const described = all.map(async (queue) => describe(queue, deadLettersOf(queue.name)));
    return context.json({ queues: await Promise.all(described) });
  });
  routes.get("/messages", async (context) => {
    const { limit, after } = MessagesQuery.parse(context.req.query());
    const queue = queueOf(context);
    const [enqueuedAt, sequence] = (after ?? "0.0").split(".").map(Number);
    const found = await broker.list(queue, { limit, after: { enqueuedAt: enqueuedAt ?? 0, sequence: sequence ?? 0 } });
    const last = found.length === limit ? found.at(-1) : undefined;
    const next = last === undefined ? null : `${last.enqueuedAt}.${last.sequence}`;
    return context.json({ messages: found.map((message) => describeMessage(queue, message)), next });
  });
  routes.post("/send", async (context) => {
    const { count } = await broker.send(queueOf(context), [restMessage(await context.req.text())]);
    return context.json({ depth: count });
  });
  routes.post("/redrive", async (context) => {
    const queue = queueOf(context);
    const { messages, to } = await jsonBody(context, RedriveBody);
    const target = to === undefined ? undefined : named(queue.accountId, to);
    return context.json(await broker.redrive(queue, messages, target));
  });
  routes.post("/remove", async (context) => {
    const { messages } = await jsonBody(context, RemoveBody);
    return context.json({ removed: (await broker.remove(queueOf(context), messages)).length });
  });
  routes.post("/purge", async (context) => context.json({ purged: await broker.purge(queueOf(context)) }));
  routes.post("/pause", async (context) => {
    const { id, accountId } = queueOf(context);
    const { paused } = await jsonBody(context, PauseBody);
    broker.dispatcher.changed(queues.update(accountId, id, undefined, { delivery_paused: paused }));
    return context.json({ paused });
  });
  return routes;

  function queueOf(context: Context): Queue {
    const { account, queue } = QueueQuery.parse(context.req.query());
    return named(account, queue);
  }

  function named(accountId: string, name: string): Queue {
    const queue = queues.findByName(accountId, name) ?? queues.find(accountId, name);
    if (queue === undefined) throw new ApiError(404, 11_000, `no queue "${name}" in the account ${accountId}`);
    return queue;
  }

  async function describe(queue: Queue, deadLettersOf: string[]): Promise<LocalQueue> {
    const { id, name, createdOn, paused, deliveryDelay, retention, accountId } = queue;
    const { count, bytes, oldest, inFlight, delayed, nextAt, ...totals } = await broker.summary(queue);
    const consumer = queues.consumer(id);
    return {
      ...{ id, name, createdOn, paused, deliveryDelay, retention },
      ...{ depth: count, bytes, waiting: Math.max(0, count - delayed - inFlight), delayed, inFlight },
      oldest: oldest === 0 ? null : oldest,
      nextReady: nextAt ?? null,
      totals,
      running: broker.dispatcher.running(id),
      consumer: consumer ? describeConsumer(queue, consumer) : null,
      producers: producers(accountId, name),
      deadLettersOf,
    };
  }

  function describeMessage({ accountId }: Queue, message: StoredMessage): LocalMessage {
    const { sequence, id, contentType, bytes, body, sentAt, enqueuedAt, readyAt, attempts, state, reason, origin } =
      message;
    return {
      ...{ sequence, id, contentType, bytes, sentAt, enqueuedAt, readyAt, attempts, state, reason },
      body: readableBody(contentType, body),
      origin: origin === null ? null : { id: origin, name: queues.find(accountId, origin)?.name ?? null },
    };
  }
}
