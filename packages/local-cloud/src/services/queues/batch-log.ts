import type { ActivityLog } from "../../core/activity.ts";
import type { Settled } from "./message-database.ts";

/** Milliseconds between two lines about batches that went well. */
const PACE = 1000;

/** Tells of a queue's batches: at once of those that failed, every second of the others. */
export class BatchLog {
  readonly #activity: ActivityLog;
  readonly #accountId: string;
  #batches = 0;
  #messages = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(activity: ActivityLog, accountId: string) {
    this.#activity = activity;
    this.#accountId = accountId;
  }

  record(queue: string, script: string, outcome: string, messages: number, settled: Settled): void {
    const { acknowledged, retried, deadLettered, dropped } = settled;
    const line = (level: string, message: string) =>
      this.#activity.record({
        ...{ type: "log", accountId: this.#accountId, script, level },
        message: `queue "${queue}": ${message}`,
      });
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
}
