import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Faults } from "../../core/faults.ts";
import type { DeliverBatch } from "../../core/queue-batch.ts";
import type { ServiceContext } from "../../core/service.ts";
import { Dispatcher } from "./dispatcher.ts";
import { dataErrors, errors } from "./errors.ts";
import { Failures } from "./failures.ts";
import { DEFAULTS } from "./limits.ts";
import type { Backlog, LeasedMessage, StoredMessage } from "./message.ts";
import { MessageEngine } from "./message-engine.ts";
import type { ListRequest, QueueSummary, RetryRules } from "./message-requests.ts";
import { operationsOn } from "./operations.ts";
import type { ParsedMessage } from "./parse-messages.ts";
import type { Consumer, Queue, QueueStore } from "./store.ts";

export interface BrokerOptions {
  readonly ctx: ServiceContext;
  readonly queues: QueueStore;
  readonly faults: Faults;
  readonly deliver: DeliverBatch;
  /** Milliseconds of wall time that a consumer has for a batch. */
  readonly timeLimit: number;
}

const SUFFIX = ".sqlite";
/** Milliseconds between two looks for messages that are too old. */
const EXPIRY_PACE = 60_000;
/** How many dead letters go back at once. */
const REDRIVE_CHUNK = 500;

/** Everything that happens to messages: sent, pushed, pulled, looked at, deleted. */
export class Broker {
  readonly dispatcher: Dispatcher;
  readonly failures = new Failures();
  readonly #options: BrokerOptions;
  readonly #engine: MessageEngine;
  readonly #stopListening: () => void;
  readonly #purges = new Map<string, { startedAt: number }>();
  #expiry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: BrokerOptions) {
    const { ctx, queues, faults, deliver, timeLimit } = options;
    this.#options = options;
    this.#engine = new MessageEngine((accountId) => this.#file(accountId));
    this.dispatcher = new Dispatcher({
      ...{ ctx, queues, faults, deliver, timeLimit },
      engine: this.#engine,
      failures: this.failures,
      deadLetterQueue: (accountId, consumer) => this.#deadLetterQueue(accountId, consumer),
    });
    this.#stopListening = ctx.clock.onMove(() => void this.#expireAll());
  }

  /** Begins to deliver. Contents of queues that were deleted while the cloud was being killed are deleted. */
  async start(): Promise<void> {
    const { ctx, queues } = this.#options;
    const known = new Set(queues.all().map(({ id }) => id));
    const folder = join(ctx.directory, "queues");
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      if (!file.endsWith(SUFFIX)) continue;
      await this.#removeOrphans(file.slice(0, -SUFFIX.length), known).catch((error: Error) => {
        // The other accounts are not to blame.
        console.error(`queues: ${error.message}`);
      });
    }
    this.dispatcher.wakeAll();
    await this.#expireAll();
  }

  /**
   * Keeps messages. They are on the disk when it answers.
   *
   * @param delay seconds of the binding they came by, for those that name none.
   */
  async send(queue: Queue, messages: readonly ParsedMessage[], delay?: number): Promise<Backlog> {
    const { ids, countUsage } = this.#options.ctx;
    const now = this.#now();
    const added = messages.map(({ contentType, body, delay: own }) => {
      const seconds = own ?? delay ?? queue.deliveryDelay;
      return { id: ids.hex(), contentType, body, sentAt: now, readyAt: now + seconds * 1000 };
    });
    const operations = operationsOn(added);
    const backlog = await this.#engine.call(queue.accountId, "add", queue.id, added);
    countUsage?.(queue.accountId, "", { "queues.operations": operations });
    const ready = added.filter(({ readyAt }) => readyAt <= now).length;
    if (ready > 0) this.dispatcher.arrived(queue, ready, now);
    const later = added.map(({ readyAt }) => readyAt).filter((readyAt) => readyAt > now);
    if (later.length > 0) this.dispatcher.arrived(queue, later.length, Math.min(...later));
    return backlog;
  }

  backlog({ accountId, id }: Queue): Promise<Backlog> {
    return this.#engine.call(accountId, "backlog", id);
  }

  /**
   * Leases messages to whoever asks.
   *
   * @throws {ApiError} when the queue has no pull consumer, or its delivery is paused.
   */
  async pull(
    queue: Queue,
    { size, visibility }: { size?: number | undefined; visibility?: number | undefined },
  ): Promise<{ messages: LeasedMessage[]; backlog: Backlog }> {
    const consumer = this.#pullConsumer(queue);
    if (queue.paused) throw errors.paused();
    const { settings } = consumer;
    const { faults } = this.#options;
    const rules = this.#rules(queue, consumer);
    const reorder = faults.take("queues", queue.name, ["reorder"]) !== undefined;
    const { messages, backlog, settled } = await this.#engine.call(queue.accountId, "pull", queue.id, {
      ...rules,
      size: size ?? settings.batch_size ?? DEFAULTS.pullSize,
      visibility: visibility ?? settings.visibility_timeout_ms ?? DEFAULTS.visibilityMs,
      expiredAt: rules.now - queue.retention * 1000,
      shuffled: reorder,
      secret: randomBytes(12).toString("hex"),
    });
    this.#deadLettersArrived(queue, rules, settled.deadLettered);
    const { countUsage } = this.#options.ctx;
    countUsage?.(queue.accountId, "", { "queues.operations": operationsOn(messages) + settled.deadLettered });
    return { messages, backlog };
  }

  /** @throws {ApiError} when the queue has no pull consumer. */
  async settleLeases(
    queue: Queue,
    acknowledged: readonly string[],
    retried: readonly { lease: string; delay: number | undefined }[],
  ): Promise<{ ackCount: number; retryCount: number; warnings: Record<string, string> }> {
    const consumer = this.#pullConsumer(queue);
    const rules = this.#rules(queue, consumer);
    const retryDelay = consumer.settings.retry_delay ?? DEFAULTS.retryDelay;
    const retries = retried.map(({ lease, delay }) => ({ lease, readyAt: rules.now + (delay ?? retryDelay) * 1000 }));
    const settled = await this.#engine.call(queue.accountId, "settleLeases", queue.id, {
      ...rules,
      acknowledged,
      retried: retries,
    });
    // Of a lease that is given back nobody knows the size: as if none had more than one chunk.
    this.#options.ctx.countUsage?.(queue.accountId, "", { "queues.operations": settled.ackCount });
    return settled;
  }

  list({ accountId, id }: Queue, request: Omit<ListRequest, "now">): Promise<StoredMessage[]> {
    return this.#engine.call(accountId, "list", id, { ...request, now: this.#now() });
  }

  summary({ accountId, id }: Queue): Promise<QueueSummary> {
    return this.#engine.call(accountId, "summary", id, this.#now());
  }

  /** Deletes single messages. Answers which of them were there. */
  remove({ accountId, id }: Queue, sequences: readonly number[]): Promise<number[]> {
    return this.#engine.call(accountId, "remove", id, sequences);
  }

  /** Deletes all messages. Answers how many. */
  async purge({ accountId, id, name }: Queue): Promise<number> {
    this.#purges.set(id, { startedAt: this.#now() });
    const purged = await this.#engine.call(accountId, "purge", id);
    this.#options.ctx.activity.record({
      type: "change",
      accountId,
      product: "queues",
      action: "purge",
      resource: name,
    });
    return purged;
  }

  /** When the last purge began, ms since 1970. It is done as soon as it has been asked for. */
  lastPurge({ id }: Queue): number | undefined {
    return this.#purges.get(id)?.startedAt;
  }

  /** Deletes the contents of a queue that was deleted. */
  async drop(accountId: string, queueId: string): Promise<void> {
    this.dispatcher.forget(queueId);
    this.#purges.delete(queueId);
    await this.#engine.call(accountId, "drop", queueId);
  }

  /**
   * Sends dead letters back to the queue they come from, where they begin anew.
   *
   * @param sequences only these; undefined: all.
   * @param target where those go whose queue is unknown or gone; undefined: they stay.
   * @returns how many went, by the name of their queue, and how many stayed.
   */
  async redrive(
    queue: Queue,
    sequences: readonly number[] | undefined,
    target: Queue | undefined,
  ): Promise<{ moved: Record<string, number>; stayed: number }> {
    const { queues } = this.#options;
    const moved: Record<string, number> = {};
    let stayed = 0;
    for (const origin of await this.#engine.call(queue.accountId, "origins", queue.id, sequences)) {
      const home = (origin.queue !== null && queues.find(queue.accountId, origin.queue)) || target;
      if (!home || home.id === queue.id) {
        stayed += origin.count;
        continue;
      }
      for (let more = true; more; ) {
        const which = origin.sequences
          ? { sequences: origin.sequences }
          : { origin: origin.queue, limit: REDRIVE_CHUNK };
        const done = await this.#engine.call(queue.accountId, "move", queue.id, home.id, which, this.#now());
        moved[home.name] = (moved[home.name] ?? 0) + done.moved;
        if (done.moved > 0) this.dispatcher.arrived(home, done.moved, this.#now());
        more = done.more;
      }
    }
    return { moved, stayed };
  }

  /** Closes the account's database. */
  async forget(accountId: string): Promise<void> {
    this.dispatcher.forgetAccount(accountId);
    await this.#engine.forget(accountId);
  }

  /** The files of an account's messages. */
  files(accountId: string): string[] {
    const file = this.#file(accountId);
    return [file, `${file}-wal`, `${file}-shm`];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#expiry);
    this.#stopListening();
    await this.dispatcher.close();
    await this.#engine.close();
  }

  async #removeOrphans(accountId: string, known: ReadonlySet<string>): Promise<void> {
    for (const id of await this.#engine.call(accountId, "queues"))
      if (!known.has(id)) await this.#engine.call(accountId, "drop", id);
  }

  #file(accountId: string): string {
    return join(this.#options.ctx.directory, "queues", `${accountId}${SUFFIX}`);
  }

  #rules(queue: Queue, consumer: Consumer): RetryRules {
    return {
      now: this.#now(),
      maxRetries: consumer.settings.max_retries ?? DEFAULTS.retries,
      deadLetterQueue: this.#deadLetterQueue(queue.accountId, consumer),
    };
  }

  #deadLettersArrived({ accountId }: Queue, { deadLetterQueue, now }: RetryRules, count: number): void {
    const dead = deadLetterQueue !== undefined && this.#options.queues.find(accountId, deadLetterQueue);
    if (dead && count > 0) this.dispatcher.arrived(dead, count, now);
  }

  /** Cloudflare makes a dead-letter queue that is not there. */
  #deadLetterQueue(accountId: string, { deadLetterQueue: name }: Consumer): string | undefined {
    if (name === null) return undefined;
    const { queues } = this.#options;
    return (queues.findByName(accountId, name) ?? queues.create(accountId, name)).id;
  }

  #pullConsumer({ id, name }: Queue): Consumer {
    const consumer = this.#options.queues.consumer(id);
    if (consumer?.type !== "http_pull") throw errors.notPullable(name);
    return consumer;
  }

  async #expireAll(): Promise<void> {
    clearTimeout(this.#expiry);
    if (this.#closed) return;
    for (const { id, name, accountId, retention } of this.#options.queues.all()) {
      try {
        for (let more = true; more; )
          ({ more } = await this.#engine.call(accountId, "expire", id, this.#now() - retention * 1000));
      } catch (error) {
        if (this.#closed) return;
        console.error(`queues: what is too old in ${name} could not be deleted: ${(error as Error).message}`);
      }
    }
    if (!this.#closed) this.#expiry = setTimeout(() => void this.#expireAll(), EXPIRY_PACE).unref();
  }

  #now(): number {
    return this.#options.ctx.clock.now();
  }
}

/** The queue that a binding or a path names, for sending. @throws {ApiError} 10104 */
export function queueForData(queues: QueueStore, accountId: string, id: string): Queue {
  const queue = queues.find(accountId, id);
  if (queue === undefined) throw dataErrors.queueNotFound();
  return queue;
}
