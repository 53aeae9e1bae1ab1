import { timestamp } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { errors } from "./errors.ts";
import { DEFAULTS, LIMITS } from "./limits.ts";
import { type ConsumerBody, ConsumerSettings, type QueueSettings } from "./settings.ts";

/** A queue. Its messages are in the account's own database. Times are ms since 1970. */
export interface Queue {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly createdOn: number;
  readonly modifiedOn: number;
  /** Seconds. */
  readonly deliveryDelay: number;
  readonly paused: boolean;
  /** Seconds. */
  readonly retention: number;
  readonly jurisdiction: string | null;
}

/** Who gets a queue's messages: a Worker, or whoever asks over HTTP. */
export interface Consumer {
  readonly id: string;
  readonly queueId: string;
  readonly createdOn: number;
  readonly type: "worker" | "http_pull";
  /** Of a Worker. */
  readonly script: string | null;
  /** Name of a queue, which may not be there yet. */
  readonly deadLetterQueue: string | null;
  /** Only what was set. */
  readonly settings: ConsumerSettings;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The queues and consumers of all accounts, and the rules between them. */
export class QueueStore {
  readonly #ctx: ServiceContext;
  /** Every message asks for its queue and its consumer. Forgotten whenever something changes. */
  readonly #found = new Map<string, Queue>();
  readonly #consumers = new Map<string, Consumer[]>();

  constructor(ctx: ServiceContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS queues_queues (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, created_on INTEGER NOT NULL,
        modified_on INTEGER NOT NULL, delivery_delay INTEGER NOT NULL, paused INTEGER NOT NULL, retention INTEGER NOT NULL,
        jurisdiction TEXT, UNIQUE (account_id, name)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS queues_consumers (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL, queue_id TEXT NOT NULL REFERENCES queues_queues (id) ON DELETE CASCADE,
        created_on INTEGER NOT NULL, type TEXT NOT NULL, script TEXT, dead_letter_queue TEXT, settings TEXT NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS queues_former_names (
        account_id TEXT NOT NULL, name TEXT NOT NULL, queue_id TEXT NOT NULL REFERENCES queues_queues (id) ON DELETE CASCADE,
        PRIMARY KEY (account_id, name)
      ) STRICT;
      CREATE INDEX IF NOT EXISTS queues_consumers_queue ON queues_consumers (queue_id);`);
  }

  list(accountId: string): Queue[] {
    return this.#ctx.store
      .all("SELECT * FROM queues_queues WHERE account_id = ? ORDER BY created_on, name", accountId)
      .map(toQueue);
  }

  /** The queues of all accounts. */
  all(): Queue[] {
    return this.#ctx.store.all("SELECT * FROM queues_queues").map(toQueue);
  }

  find(accountId: string, id: string): Queue | undefined {
    const key = `${accountId}/${id}`;
    const known = this.#found.get(key);
    if (known) return known;
    const row = this.#ctx.store.get("SELECT * FROM queues_queues WHERE account_id = ? AND id = ?", accountId, id);
    const queue = row && toQueue(row);
    if (queue) this.#found.set(key, queue);
    return queue;
  }

  findByName(accountId: string, name: string): Queue | undefined {
    const row = this.#ctx.store.get("SELECT * FROM queues_queues WHERE account_id = ? AND name = ?", accountId, name);
    return row && toQueue(row);
  }

  /** The queue that has this name, or had it last: a Worker that was bound to it stays so when it is renamed. */
  findBound(accountId: string, name: string): Queue | undefined {
    const former = "SELECT queue_id FROM queues_former_names WHERE account_id = ? AND name = ?";
    const found = this.findByName(accountId, name);
    return found ?? this.find(accountId, String(this.#ctx.store.get(former, accountId, name)?.["queue_id"]));
  }

  /** @throws {ApiError} 11000 */
  get(accountId: string, id: string): Queue {
    const queue = this.find(accountId, id);
    if (queue === undefined) throw errors.queueNotFound(id);
    return queue;
  }

  /** @throws {ApiError} 11003 for a bad name, 11009 for a taken one, 11010 when the plan has no more. */
  create(accountId: string, name: string, settings: QueueSettings = {}, jurisdiction: string | null = null): Queue {
    this.#checkName(accountId, name);
    const limits = this.#ctx.limits(accountId);
    if (this.list(accountId).length >= limits.queues) throw errors.tooManyQueues(limits.queues);
    const now = this.#ctx.clock.now();
    const defaults = { deliveryDelay: 0, paused: false, retention: DEFAULTS.retentionSeconds[limits.plan] };
    const id = this.#ctx.ids.hex();
    this.#save(
      this.#with({ id, accountId, name, createdOn: now, modifiedOn: now, jurisdiction, ...defaults }, settings),
    );
    this.#changed(accountId, "create", name);
    return this.get(accountId, id);
  }

  /** @throws {ApiError} 11000, 11003, 11009 */
  update(accountId: string, id: string, name: string | undefined, settings: QueueSettings): Queue {
    const queue = this.get(accountId, id);
    if (name !== undefined && name !== queue.name) this.#checkName(accountId, name);
    const now = this.#ctx.clock.now();
    if (name !== undefined && name !== queue.name)
      this.#ctx.store.run("INSERT OR REPLACE INTO queues_former_names VALUES (?, ?, ?)", accountId, queue.name, id);
    this.#save(this.#with({ ...queue, name: name ?? queue.name, modifiedOn: now }, settings));
    this.#changed(accountId, "update", name ?? queue.name);
    return this.get(accountId, id);
  }

  /** Forgets a queue and its consumers. Its messages are the caller's to delete. @throws {ApiError} 11000 */
  delete(accountId: string, id: string): void {
    const { name } = this.get(accountId, id);
    this.#ctx.store.run("DELETE FROM queues_queues WHERE id = ?", id);
    this.#changed(accountId, "delete", name);
  }

  consumers(queueId: string): readonly Consumer[] {
    const known = this.#consumers.get(queueId);
    if (known) return known;
    const consumers = this.#ctx.store
      .all("SELECT * FROM queues_consumers WHERE queue_id = ? ORDER BY created_on", queueId)
      .map(toConsumer);
    this.#consumers.set(queueId, consumers);
    return consumers;
  }

  /** The consumer of a queue: Cloudflare allows one. */
  consumer(queueId: string): Consumer | undefined {
    return this.consumers(queueId)[0];
  }

  /** @throws {ApiError} 404, code 11001 */
  getConsumer(queueId: string, id: string): Consumer {
    const consumer = this.consumers(queueId).find((one) => one.id === id);
    if (consumer === undefined) throw errors.consumerNotFound(id);
    return consumer;
  }

  /** Names of the queues that a script consumes. */
  consumedBy(accountId: string, script: string): string[] {
    return this.#ctx.store
      .all(
        `SELECT q.name AS name FROM queues_consumers AS c JOIN queues_queues AS q ON q.id = c.queue_id
         WHERE c.account_id = ? AND c.script = ? ORDER BY q.name`,
        accountId,
        script,
      )
      .map((row) => String(row["name"]));
  }

  /** @throws {ApiError} 11004 when the queue has a consumer. */
  addConsumer(queue: Queue, body: ConsumerBody): Consumer {
    if (this.consumer(queue.id)) throw errors.consumerExists(queue.name);
    checkDeadLetterQueue(queue, body);
    const consumer: Consumer = {
      id: this.#ctx.ids.hex(),
      queueId: queue.id,
      createdOn: this.#ctx.clock.now(),
      ...consumerFields(body),
    };
    this.#saveConsumer(queue, consumer);
    this.#changed(queue.accountId, "create", `${queue.name} consumer`);
    return consumer;
  }

  /** @throws {ApiError} 404, code 11001 */
  updateConsumer(queue: Queue, id: string, body: ConsumerBody): Consumer {
    const known = this.getConsumer(queue.id, id);
    checkDeadLetterQueue(queue, body);
    const fields = consumerFields(body);
    const kept = {
      settings: body.settings === undefined ? known.settings : fields.settings,
      deadLetterQueue: body.dead_letter_queue === undefined ? known.deadLetterQueue : fields.deadLetterQueue,
    };
    const consumer = { ...known, ...fields, ...kept };
    this.#saveConsumer(queue, consumer);
    this.#changed(queue.accountId, "update", `${queue.name} consumer`);
    return consumer;
  }

  /** @throws {ApiError} 404, code 11001 */
  deleteConsumer(queue: Queue, id: string): void {
    this.getConsumer(queue.id, id);
    this.#ctx.store.run("DELETE FROM queues_consumers WHERE id = ?", id);
    this.#changed(queue.accountId, "delete", `${queue.name} consumer`);
  }

  #with(queue: Queue, settings: QueueSettings): Queue {
    const retention = settings.message_retention_period ?? queue.retention;
    const most = LIMITS.retentionSeconds.most[this.#ctx.limits(queue.accountId).plan];
    if (retention > most) throw errors.invalidQueue(`message_retention_period: at most ${most} seconds on this plan`);
    return {
      ...queue,
      deliveryDelay: settings.delivery_delay ?? queue.deliveryDelay,
      paused: settings.delivery_paused ?? queue.paused,
      retention,
    };
  }

  #checkName(accountId: string, name: string): void {
    if (!NAME.test(name)) throw errors.invalidName(name);
    if (this.findByName(accountId, name)) throw errors.nameTaken(name);
  }

  #save(queue: Queue): void {
    this.#ctx.store.run(
      `INSERT INTO queues_queues
         (id, account_id, name, created_on, modified_on, delivery_delay, paused, retention, jurisdiction)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, modified_on = excluded.modified_on,
         delivery_delay = excluded.delivery_delay, paused = excluded.paused, retention = excluded.retention`,
      queue.id,
      queue.accountId,
      queue.name,
      queue.createdOn,
      queue.modifiedOn,
      queue.deliveryDelay,
      queue.paused ? 1 : 0,
      queue.retention,
      queue.jurisdiction,
    );
  }

  #saveConsumer(queue: Queue, consumer: Consumer): void {
    this.#ctx.store.run(
      `INSERT OR REPLACE INTO queues_consumers
         (id, account_id, queue_id, created_on, type, script, dead_letter_queue, settings) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      consumer.id,
      queue.accountId,
      queue.id,
      consumer.createdOn,
      consumer.type,
      consumer.script,
      consumer.deadLetterQueue,
      JSON.stringify(consumer.settings),
    );
  }

  /** Rows were changed, by a reset also from outside. */
  forget(): void {
    this.#found.clear();
    this.#consumers.clear();
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.forget();
    this.#ctx.activity.record({ type: "change", accountId, product: "queues", action, resource });
  }
}

/** A name that no queue can have would lose messages when they fail. */
function checkDeadLetterQueue({ name }: Queue, { dead_letter_queue: dead }: ConsumerBody): void {
  if (!dead) return;
  if (!NAME.test(dead)) throw errors.invalidConsumer(`dead_letter_queue: "${dead}" is no name of a queue`);
  if (dead === name) throw errors.invalidConsumer("dead_letter_queue: a queue cannot take its own dead letters");
}

/** A queue as the API shows it. `producers` are the scripts that are bound to it. */
export function describeQueue(queue: Queue, consumers: readonly Consumer[], producers: readonly string[]) {
  return {
    queue_id: queue.id,
    queue_name: queue.name,
    created_on: timestamp(queue.createdOn),
    modified_on: timestamp(queue.modifiedOn),
    settings: {
      delivery_delay: queue.deliveryDelay,
      delivery_paused: queue.paused,
      message_retention_period: queue.retention,
    },
    ...(queue.jurisdiction !== null && { jurisdiction: queue.jurisdiction }),
    producers: producers.map((script) => ({ type: "worker", script })),
    producers_total_count: producers.length,
    consumers: consumers.map((consumer) => describeConsumer(queue, consumer)),
    consumers_total_count: consumers.length,
  };
}

/** A consumer as the API shows it: with the defaults of what was not set. */
export function describeConsumer(queue: Queue, { id, createdOn, type, script, deadLetterQueue, settings }: Consumer) {
  const common = {
    batch_size: settings.batch_size ?? DEFAULTS.batchSize,
    max_retries: settings.max_retries ?? DEFAULTS.retries,
  };
  const retryDelay = settings.retry_delay ?? DEFAULTS.retryDelay;
  const { max_concurrency: concurrency } = settings;
  return {
    consumer_id: id,
    created_on: timestamp(createdOn),
    queue_name: queue.name,
    type,
    settings:
      type === "worker"
        ? {
            ...common,
            max_wait_time_ms: settings.max_wait_time_ms ?? DEFAULTS.waitMs,
            ...(concurrency !== undefined && concurrency !== null && { max_concurrency: concurrency }),
            retry_delay: retryDelay,
          }
        : {
            ...common,
            visibility_timeout_ms: settings.visibility_timeout_ms ?? DEFAULTS.visibilityMs,
            retry_delay: retryDelay,
          },
    ...(script !== null && { script, script_name: script }),
    dead_letter_queue: deadLetterQueue,
  };
}

function consumerFields(body: ConsumerBody): Pick<Consumer, "type" | "script" | "deadLetterQueue" | "settings"> {
  return {
    type: body.type,
    script: body.type === "worker" ? body.script_name : null,
    deadLetterQueue: body.dead_letter_queue || null,
    settings: body.settings ?? {},
  };
}

const toQueue = (row: Row): Queue => ({
  id: String(row["id"]),
  accountId: String(row["account_id"]),
  name: String(row["name"]),
  createdOn: Number(row["created_on"]),
  modifiedOn: Number(row["modified_on"]),
  deliveryDelay: Number(row["delivery_delay"]),
  paused: row["paused"] === 1,
  retention: Number(row["retention"]),
  jurisdiction: typeof row["jurisdiction"] === "string" ? row["jurisdiction"] : null,
});

const toConsumer = (row: Row): Consumer => ({
  id: String(row["id"]),
  queueId: String(row["queue_id"]),
  createdOn: Number(row["created_on"]),
  type: row["type"] === "worker" ? "worker" : "http_pull",
  script: typeof row["script"] === "string" ? row["script"] : null,
  deadLetterQueue: typeof row["dead_letter_queue"] === "string" ? row["dead_letter_queue"] : null,
  settings: ConsumerSettings.parse(JSON.parse(String(row["settings"]))),
});
