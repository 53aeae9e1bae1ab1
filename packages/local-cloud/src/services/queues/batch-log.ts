import type { ActivityLog } from "../../core/activity.ts";
import type { Settled } from "./message-requests.ts";

/** Milliseconds between two lines about batches that went well. */
const PACE = 1000;

/** Tells of a queue's batches: at once of those that failed, every second of the others. */
export class BatchLog {
  readonly #activity: ActivityLog;
  readonly #accountId: string;
  #batches = 0;
  #messages = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why messages wait, as last told. */
  #waitsFor: string | undefined;

  constructor(activity: ActivityLog, accountId: string) {
    this.#activity = activity;
    this.#accountId = accountId;
  }

  /** The consumer could not be asked. Told once, until it can. */
  waits(queue: string, script: string, reason: string): void {
    if (this.#waitsFor === reason) return;
    this.#waitsFor = reason;
    this.#line(queue, script, "warn", `messages wait: ${reason}`);
  }

  record(queue: string, script: string, outcome: string, messages: number, settled: Settled): void {
    this.#waitsFor = undefined;
    const { acknowledged, retried, deadLettered, dropped } = settled;
    const line = (level: string, message: string) => this.#line(queue, script, level, message);
    if (outcome !== "ok" || retried + deadLettered + dropped > 0) {
      const parts = [
        `batch of ${messages}, outcome ${outcome}`,
        ...(acknowledged > 0 ? [`${acknowledged} acknowledged`] : []),
        ...(retried > 0 ? [`${retried} to retry`] : []),
        ...(deadLettered > 0 ? [`${deadLettered} to the dead letters`] : []),
        ...(dropped > 0 ? [`${dropped} given up: there is no dead-letter queue`] : []),
      ];
      line(outcome === "ok" ? "warn" : "error", parts.join(", "));
      return;
    }
    this.#batches += 1;
    this.#messages += messages;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const batches = this.#batches === 1 ? "batch" : `${this.#batches} batches`;
      line("info", `${batches}, ${this.#messages} messages, outcome ok`);
      this.#batches = 0;
      this.#messages = 0;
    }, PACE).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #line(queue: string, script: string, level: string, message: string): void {
    this.#activity.record({
      ...{ type: "log", accountId: this.#accountId, script, level },
      message: `queue "${queue}": ${message}`,
    });
  }
}
