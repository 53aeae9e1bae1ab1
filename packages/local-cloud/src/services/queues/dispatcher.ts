import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "../../core/faults.ts";
import { CutByReloadError, type DeliverBatch, NotDeliveredError, type QueueOutcome } from "../../core/queue-batch.ts";
import type { ServiceContext } from "../../core/service.ts";
import { BatchLog } from "./batch-log.ts";
import type { Failures } from "./failures.ts";
import { DEFAULTS } from "./limits.ts";
import type { TakenMessage } from "./message.ts";
import type { MessageEngine } from "./message-engine.ts";
import type { Taken } from "./message-requests.ts";
import { operationsOn } from "./operations.ts";
import { fateOf } from "./outcome.ts";
import { nextConcurrency } from "./scale.ts";
import type { Consumer, Queue, QueueStore } from "./store.ts";

export interface DispatcherOptions {
  readonly ctx: ServiceContext;
  readonly queues: QueueStore;
  readonly engine: MessageEngine;
  readonly faults: Faults;
  readonly deliver: DeliverBatch;
  readonly failures: Failures;
  /** Milliseconds of wall time that a consumer has for a batch. */
  readonly timeLimit: number;
  /** Id of the dead-letter queue of a consumer, which is made when it is not there. */
  readonly deadLetterQueue: (accountId: string, consumer: Consumer) => string | undefined;
}

/** The push delivery of one queue. */
interface Lane {
  readonly accountId: string;
  readonly queueId: string;
  readonly log: BatchLog;
  /** Calls of the consumer under way. */
  running: number;
  allowed: number;
  /** A batch is being looked for. */
  taking: boolean;
  /** Something changed meanwhile: look again. */
  again: boolean;
  /** Messages that wait for a batch to fill; undefined when no batch waits. */
  forming: number | undefined;
  /** Milliseconds until a consumer that could not be asked is asked again. */
  backoff: number;
  timer: NodeJS.Timeout | undefined;
  /** When the timer fires, by the cloud's clock. */
  timerAt: number;
}

const FIRST_BACKOFF = 100;
const LONGEST_BACKOFF = 5000;
/** Milliseconds until something that could not be written is tried again. */
const RETRY_PACE = 1000;
/** Milliseconds that calls under way get when the cloud stops. */
const PATIENCE = 4000;
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Pushes messages to the Workers that consume them. What was taken and not settled when the cloud is killed comes again,
 * without counting as an attempt.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #stopListening: () => void;
  /** Calls under way, with what ends each. */
  readonly #calls = new Map<Promise<void>, AbortController>();
  #closed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#stopListening = options.ctx.clock.onMove(() => this.wakeAll());
  }

  /** Messages came into a queue. @param readyAt when the first of them may be delivered, ms since 1970. */
  arrived(queue: Queue, count: number, readyAt: number): void {
    const lane = this.#lane(queue);
    if (readyAt > this.#now()) {
      this.#schedule(lane, readyAt);
      return;
    }
    if (lane.forming !== undefined) {
      lane.forming += count;
      const consumer = this.#options.queues.consumer(queue.id);
      if (lane.forming < (consumer?.settings.batch_size ?? DEFAULTS.batchSize)) return;
    }
    this.#pump(lane);
  }

  /** A queue or its consumer changed. */
  changed(queue: Queue): void {
    const lane = this.#lane(queue);
    lane.backoff = FIRST_BACKOFF;
    this.#pump(lane);
  }

  /** Looks at all queues. Timers are by the machine's clock, so those that were set before the cloud's moved are late. */
  wakeAll(): void {
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.timer);
      lane.timer = undefined;
    }
    for (const queue of this.#options.queues.all()) this.changed(queue);
  }

  /** Drops what is remembered of a queue that is no more. */
  forget(queueId: string): void {
    const lane = this.#lanes.get(queueId);
    clearTimeout(lane?.timer);
    lane?.log.close();
    this.#lanes.delete(queueId);
  }

  /** Drops what is remembered of an account that was emptied. */
  forgetAccount(accountId: string): void {
    for (const lane of this.#lanes.values()) if (lane.accountId === accountId) this.forget(lane.queueId);
  }

  /** Calls of the consumer under way. */
  running(queueId: string): number {
    return this.#lanes.get(queueId)?.running ?? 0;
  }

  /** Takes no more messages, and lets calls under way end for a while. What does not end is delivered again later. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#closed = true;
    for (const { timer, log } of this.#lanes.values()) {
      clearTimeout(timer);
      log.close();
    }
    const patience = setTimeout(() => {
      for (const stop of this.#calls.values()) stop.abort();
    }, PATIENCE);
    await Promise.all(this.#calls.keys());
    clearTimeout(patience);
  }

  #lane({ id, accountId }: Queue): Lane {
    const known = this.#lanes.get(id);
    if (known) return known;
    const lane: Lane = {
      accountId,
      queueId: id,
      log: new BatchLog(this.#options.ctx.activity, accountId),
      running: 0,
      allowed: 1,
      taking: false,
      again: false,
      forming: undefined,
      backoff: FIRST_BACKOFF,
      timer: undefined,
      timerAt: Number.POSITIVE_INFINITY,
    };
    this.#lanes.set(id, lane);
    return lane;
  }

  /** Looks for a batch, and for the next one after it, as long as there are some and the consumer may be called. */
  #pump(lane: Lane): void {
    if (lane.taking) {
      lane.again = true;
      return;
    }
    const { queues } = this.#options;
    const queue = queues.find(lane.accountId, lane.queueId);
    const consumer = queue && queues.consumer(queue.id);
    if (this.#closed || !queue || queue.paused || consumer?.type !== "worker") return;
    if (lane.running >= Math.min(lane.allowed, mostOf(consumer))) return;
    lane.taking = true;
    lane.again = false;
    lane.forming = undefined;
    this.#take(queue, consumer)
      .then(
        (taken) => this.#taken(lane, queue, consumer, taken),
        (error: unknown) => {
          lane.log.waits(queue.name, consumer.script ?? "", (error as Error).message);
          this.#backOff(lane);
          return false;
        },
      )
      .then((more) => {
        lane.taking = false;
        if (more || lane.again) this.#pump(lane);
      }, console.error);
  }

  #take({ id, accountId, name, retention }: Queue, { settings }: Consumer): Promise<Taken> {
    const now = this.#now();
    return this.#options.engine.call(accountId, "take", id, {
      now,
      size: settings.batch_size ?? DEFAULTS.batchSize,
      wait: settings.max_wait_time_ms ?? DEFAULTS.waitMs,
      expiredAt: now - retention * 1000,
      shuffled: this.#reorders(name),
    });
  }

  /** Answers whether there may be another batch. */
  #taken(lane: Lane, queue: Queue, consumer: Consumer, taken: Taken): boolean {
    if (taken.messages.length === 0) {
      if (taken.ready > 0) lane.forming = taken.ready;
      if (taken.nextAt !== undefined) this.#schedule(lane, taken.nextAt);
      return false;
    }
    if (this.#reorders(queue.name)) this.#options.faults.take("queues", queue.name, ["reorder"]);
    lane.running += 1;
    const stop = new AbortController();
    const call = this.#call(lane, queue, consumer, taken, stop.signal).finally(() => {
      lane.running -= 1;
      this.#calls.delete(call);
      this.#pump(lane);
    });
    this.#calls.set(call, stop);
    return true;
  }

  /** @param stop ends the call because the cloud stops. */
  async #call(lane: Lane, queue: Queue, consumer: Consumer, taken: Taken, stop: AbortSignal): Promise<void> {
    const { deliver, timeLimit } = this.#options;
    const { messages, backlog } = taken;
    const limit = AbortSignal.timeout(timeLimit);
    const batch = { queue: queue.name, messages, backlog };
    const script = consumer.script ?? "";
    let outcome: QueueOutcome;
    try {
      outcome = await deliver(lane.accountId, script, batch, AbortSignal.any([limit, stop]));
      lane.backoff = FIRST_BACKOFF;
    } catch (error) {
      if (error instanceof NotDeliveredError || error instanceof CutByReloadError || stop.aborted) {
        if (error instanceof NotDeliveredError) {
          lane.log.waits(queue.name, script, error.message);
          this.#backOff(lane);
        }
        return this.#release(lane, queue, messages);
      }
      outcome = failedAs(limit.aborted ? "exceededWallTime" : "the runtime ended");
    }
    await this.#settle(lane, queue, consumer, messages, outcome);
  }

  async #settle(
    lane: Lane,
    queue: Queue,
    consumer: Consumer,
    messages: readonly TakenMessage[],
    outcome: QueueOutcome,
  ): Promise<void> {
    const { engine, faults, queues } = this.#options;
    const { settings } = consumer;
    const now = this.#now();
    const acknowledged: number[] = [];
    const deleted: TakenMessage[] = [];
    const buried: TakenMessage[] = [];
    const repeated: number[] = [];
    const retried: { sequence: number; readyAt: number; reason: string }[] = [];
    const error = await this.#errorOf(lane, queue, consumer, messages.length, outcome);
    for (const message of messages) {
      const fate = fateOf(message, outcome);
      if (fate.fate === "retried") {
        const seconds = fate.delay ?? settings.retry_delay ?? DEFAULTS.retryDelay;
        retried.push({
          sequence: message.sequence,
          readyAt: now + seconds * 1000,
          reason: error && fate.reason === outcome.outcome ? error : fate.reason,
        });
        if (message.attempts > (settings.max_retries ?? DEFAULTS.retries)) buried.push(message);
      } else if (!message.again && faults.take("queues", queue.name, ["redeliver"])) repeated.push(message.sequence);
      else {
        acknowledged.push(message.sequence);
        deleted.push(message);
      }
    }
    const most = mostOf(consumer);
    const size = settings.batch_size ?? DEFAULTS.batchSize;
    const round = { allowed: lane.allowed, most, full: messages.length >= size, failed: outcome.outcome !== "ok" };
    lane.allowed = nextConcurrency(round);
    if (!queues.find(queue.accountId, queue.id)) return;
    const maxRetries = settings.max_retries ?? DEFAULTS.retries;
    const spent = messages.some(({ attempts }) => attempts > maxRetries);
    let deadLetterQueue: string | undefined;
    const settled = await this.#insist(() => {
      if (spent && retried.length > 0) deadLetterQueue = this.#options.deadLetterQueue(lane.accountId, consumer);
      const rules = { now, maxRetries, deadLetterQueue };
      return engine.call(lane.accountId, "settle", queue.id, {
        ...rules,
        acknowledged,
        repeated,
        retried,
        released: [],
      });
    });
    if (settled === undefined) return;
    // Each was read; what is done with is deleted, what failed too often is deleted or, for the same price, moved.
    const operations = operationsOn(messages) + operationsOn(deleted) + operationsOn(buried);
    this.#options.ctx.countUsage?.(lane.accountId, consumer.script ?? "", { "queues.operations": operations });
    lane.log.record(queue.name, consumer.script ?? "", outcome.outcome, messages.length, settled);
    if (settled.nextAt !== undefined) this.#schedule(lane, settled.nextAt);
    const dead =
      deadLetterQueue !== undefined && settled.deadLettered > 0 && queues.find(lane.accountId, deadLetterQueue);
    if (dead) this.arrived(dead, settled.deadLettered, now);
  }

  async #errorOf(lane: Lane, queue: Queue, consumer: Consumer, size: number, { outcome }: QueueOutcome) {
    if (outcome !== "exception") return undefined;
    return this.#options.failures.of(lane.accountId, consumer.script ?? "", queue.name, size);
  }

  /** Back into the queue: the consumer is not to blame. */
  async #release(lane: Lane, queue: Queue, messages: readonly TakenMessage[]): Promise<void> {
    const { engine, queues } = this.#options;
    if (!queues.find(queue.accountId, queue.id)) return;
    const rules = { now: this.#now(), maxRetries: 0, deadLetterQueue: undefined };
    const released = messages.map(({ sequence }) => sequence);
    await this.#insist(() =>
      engine.call(lane.accountId, "settle", queue.id, {
        ...rules,
        acknowledged: [],
        repeated: [],
        retried: [],
        released,
      }),
    );
  }

  /** Tries again, e.g. while the disk is full, until the cloud stops: then its next start delivers again. */
  async #insist<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#closed) return undefined;
        console.error("queues: what became of a batch could not be written", error);
        await delay(RETRY_PACE);
      }
    }
  }

  #backOff(lane: Lane): void {
    const wait = lane.backoff;
    lane.backoff = Math.min(LONGEST_BACKOFF, wait * 2);
    lane.allowed = 1;
    lane.running += 1;
    // Counts as a call under way, so that nothing is taken before it is over.
    setTimeout(() => {
      lane.running -= 1;
      this.#pump(lane);
    }, wait).unref();
  }

  #schedule(lane: Lane, at: number): void {
    if (lane.timer !== undefined && lane.timerAt <= at) return;
    clearTimeout(lane.timer);
    lane.timerAt = at;
    const wait = Math.min(Math.max(0, at - this.#now()), LONGEST_TIMER);
    lane.timer = setTimeout(() => {
      lane.timer = undefined;
      this.#pump(lane);
    }, wait).unref();
  }

  #reorders(name: string): boolean {
    return this.#options.faults
      .list()
      .some(({ service, kind, target }) => service === "queues" && kind === "reorder" && (target ?? name) === name);
  }

  #now(): number {
    return this.#options.ctx.clock.now();
  }
}

function mostOf({ settings }: Consumer): number {
  return settings.max_concurrency ?? DEFAULTS.concurrency;
}

function failedAs(outcome: string): QueueOutcome {
  return { outcome, ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] };
}
