import type { ServiceContext } from "../../core/service.ts";
import { parseCron } from "./cron.ts";
import type { Schedule, WorkersStore } from "./store.ts";

/** Runs a Worker's `scheduled` handler. */
export type RunScheduled = (accountId: string, script: string, cron: string, scheduledTime: number) => Promise<string>;

/**
 * Fires cron triggers on the cloud's clock. What would have fired while the cloud was not running is not made up for,
 * and neither is what a moved clock jumped over, but for the newest time of each.
 */
export class CronRunner {
  readonly #ctx: ServiceContext;
  readonly #store: WorkersStore;
  readonly #run: RunScheduled;
  readonly #stopListening: () => void;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #checkedUntil: number;

  constructor(ctx: ServiceContext, store: WorkersStore, run: RunScheduled) {
    this.#ctx = ctx;
    this.#store = store;
    this.#run = run;
    this.#checkedUntil = ctx.clock.now();
    this.#stopListening = ctx.clock.onMove(() => this.check());
    this.check();
  }

  /** Fires what is due, and waits for the next. Call it when schedules changed. */
  check(): void {
    clearTimeout(this.#timer);
    const now = this.#ctx.clock.now();
    let next = now + MINUTE;
    for (const schedule of this.#store.allSchedules()) {
      const cron = parseCron(schedule.cron);
      if (typeof cron === "string") continue;
      const due = newest((after) => cron.next(after), Math.max(this.#checkedUntil, schedule.modifiedOn), now);
      if (due !== undefined) this.#fire(schedule, due);
      next = Math.min(next, cron.next(now) ?? next);
    }
    this.#checkedUntil = now;
    this.#timer = setTimeout(() => this.check(), Math.max(10, next - now)).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopListening();
    await Promise.all(this.#running);
  }

  #fire({ accountId, script, cron }: Schedule, scheduledTime: number): void {
    const { activity } = this.#ctx;
    const log = (level: string, message: string) =>
      activity.record({ type: "log", accountId, script, level, message: `cron "${cron}": ${message}` });
    const run = this.#run(accountId, script, cron, scheduledTime).then(
      (outcome) => log(outcome === "ok" ? "info" : "error", `ran, outcome ${outcome}`),
      (error: Error) => log("error", error.message),
    );
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }
}

const MINUTE = 60_000;

/** The last time after `after` up to `until` at which the cron fires. */
function newest(next: (after: number) => number | undefined, after: number, until: number): number | undefined {
  // Only the last day can hold the newest time of a cron that fires often; a rare one is found by a search from the start.
  let found: number | undefined;
  let from = next(Math.max(after, until - 86_400_000)) === undefined ? after : Math.max(after, until - 86_400_000);
  if ((next(from) ?? Number.POSITIVE_INFINITY) > until) from = after;
  for (let at = next(from); at !== undefined && at <= until; at = next(at)) found = at;
  return found;
}
