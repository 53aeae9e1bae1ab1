// Deep imports: the package as a whole takes half a second to load.
import { Queue } from "@pulumi/cloudflare/queue.js";
import { QueueConsumer } from "@pulumi/cloudflare/queueConsumer.js";
import * as pulumi from "@pulumi/pulumi";
import { deadLettersOf } from "./dead-letters-of.ts";
import { QueueContents } from "./queue-contents.ts";

export interface QueueWithDlqArgs {
  readonly accountId: string;
  /** Unique in the account, at most 63 characters. */
  readonly queueName: string;
  /** As `queueName`, of the dead letters. */
  readonly deadLetterQueueName: string;
}

/** How a Worker takes messages: everything is said, nothing is left to a default that may change. */
export interface ConsumerSettings {
  /** Messages in one call, 1 to 100. */
  readonly batchSize: number;
  /** Milliseconds to wait for a batch to fill, at most 60,000. */
  readonly maxWaitTimeMs: number;
  /** Attempts after the first, at most 100; then the message is a dead letter. */
  readonly maxRetries: number;
  /** Seconds until an attempt that failed is repeated, at most 43,200. */
  readonly retryDelay: number;
  /** Calls at the same moment, 1 to 250. */
  readonly maxConcurrency: number;
}

/** Seconds that a message waits before it is dropped: what the free plan has, where it cannot be another. */
const RETENTION_SECONDS = 86_400;

/**
 * A queue, the queue of its dead letters, and who takes from them. There is no queue without the other: what fails too
 * often would be gone without a word.
 * @see https://developers.cloudflare.com/queues/configuration/dead-letter-queues/
 */
export class QueueWithDlq extends pulumi.ComponentResource {
  /** What wrangler.jsonc calls it. */
  readonly name: string;
  /** Its name in the account, once it is there and its dead letters have where to go. */
  readonly queueName: pulumi.Output<string>;
  readonly deadLetterQueueName: pulumi.Output<string>;
  readonly #accountId: string;
  readonly #queue: QueueContents;
  readonly #deadLetters: QueueContents;

  /** @param name of the queue in wrangler.jsonc; its dead letters are `<name>-dead` there */
  constructor(name: string, args: QueueWithDlqArgs, options?: pulumi.ComponentResourceOptions) {
    super("tenner:index:QueueWithDlq", name, {}, options);
    const { accountId } = args;
    this.name = name;
    this.#accountId = accountId;
    this.#deadLetters = this.#make(deadLettersOf(name), args.deadLetterQueueName);
    this.#queue = this.#make(name, args.queueName, [this.#deadLetters]);
    this.queueName = this.#queue.queueName;
    this.deadLetterQueueName = this.#deadLetters.queueName;
    this.registerOutputs({ queueName: this.queueName, deadLetterQueueName: this.deadLetterQueueName });
  }

  /**
   * Lets a Worker take the messages, and the dead letters too where it has settings for them; else those wait for
   * somebody to look.
   */
  consumedBy(
    worker: { readonly scriptName: pulumi.Input<string> },
    settings: ConsumerSettings,
    deadLetterSettings?: ConsumerSettings,
  ): void {
    this.#consume(this.name, this.#queue, worker.scriptName, settings, { deadLetterQueue: this.deadLetterQueueName });
    if (deadLetterSettings) {
      this.#consume(deadLettersOf(this.name), this.#deadLetters, worker.scriptName, deadLetterSettings, {});
    }
  }

  #make(name: string, queueName: string, dependsOn: pulumi.Resource[] = []): QueueContents {
    const queue = new Queue(
      name,
      {
        accountId: this.#accountId,
        queueName,
        // Said outright, for else a refresh would take the API's answer for a change.
        settings: { deliveryDelay: 0, deliveryPaused: false, messageRetentionPeriod: RETENTION_SECONDS },
      },
      { parent: this, dependsOn },
    );
    const { id: queueId, queueName: made } = queue;
    return new QueueContents(name, { accountId: this.#accountId, queueId, queueName: made }, { parent: this });
  }

  #consume(
    name: string,
    queue: QueueContents,
    scriptName: pulumi.Input<string>,
    settings: ConsumerSettings,
    deadLetters: { deadLetterQueue?: pulumi.Input<string> },
  ): void {
    new QueueConsumer(
      name,
      {
        accountId: this.#accountId,
        queueId: queue.queueId,
        type: "worker",
        scriptName,
        settings: { ...settings },
        ...deadLetters,
      },
      // A consumer holds nothing, whatever protects the messages.
      { parent: this, protect: false },
    );
  }
}
