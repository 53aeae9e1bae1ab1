import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceContext } from "../../core/service.ts";
import { parseCron } from "./cron.ts";
import type { Schedule, WorkersStore } from "./store.ts";

/** Runs a Worker's `scheduled` handler. */
export type RunScheduled = (accountId: string, script: string, cron: string, scheduledTime: number) => Promise<string>;

/** What the runner asks of the runtime. */
export interface CronRuntime {
  readonly run: RunScheduled;
  /** Whether an account's Workers run at the moment. */
  readonly awake: (accountId: string) => boolean;
}

/**
 * Fires cron triggers on the cloud's clock. What would have fired while the cloud was not running is not made up for,
 * and neither is what a moved clock jumped over, but for the newest time of each.
 *
 * A cron that fires more often than hourly does not keep an account awake that nobody uses: it then fires once an hour,
 * each account at a minute of its own. Else a hundred accounts with a minute's cron would be a hundred workerds for
 * ever, and Cloudflare's do not cost a machine's memory.
 */
export class CronRunner {
  readonly #ctx: ServiceContext;
  readonly #store: WorkersStore;
  readonly #runtime: CronRuntime;
  /** When each schedule was last due, fired or not. */
  readonly #lastDue = new Map<string, number>();
  readonly #startedAt: number;
  readonly #stopListening: () => void;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #checkedUntil: number;

  constructor(ctx: ServiceContext, store: WorkersStore, runtime: CronRuntime) {
    this.#ctx = ctx;
    this.#store = store;
    this.#runtime = runtime;
    this.#startedAt = ctx.clock.now();
    this.#checkedUntil = this.#startedAt;
    // Whoever moves the clock wants to see what it brings.
    this.#stopListening = ctx.clock.onMove(() => this.check(true));
    this.check();
  }

  /** Fires what is due, and waits for the next. Call it when schedules changed. @param all also of those who sleep */
  check(all = false): void {
    clearTimeout(this.#timer);
    const now = this.#ctx.clock.now();
    let next = now + MINUTE;
    // Many accounts have the same few expressions.
    const known = new Map<string, Times>();
    for (const schedule of this.#store.allSchedules()) {
      const after = Math.max(this.#checkedUntil, schedule.modifiedOn);
      const key = `${after} ${schedule.cron}`;
      const times = known.get(key) ?? timesOf(schedule.cron, after, now);
      known.set(key, times);
      const { due, following } = times;
      if (due !== undefined && (this.#wanted(schedule, due, following) || all)) this.#fire(schedule, due);
      next = Math.min(next, times.next ?? next);
    }
    this.#checkedUntil = now;
    this.#timer = setTimeout(() => this.check(), Math.max(10, next - now)).unref();
  }

  /** Fires no more, and lets what runs end for a while: the runtime, which ends next, cuts the rest. */
  async close(patience = PATIENCE): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopListening();
    const enough = new AbortController();
    await Promise.race([
      Promise.all(this.#running).then(() => enough.abort()),
      delay(patience, undefined, { signal: enough.signal }).catch(() => {}),
    ]);
  }

  #wanted({ accountId, script, cron }: Schedule, due: number, following: number | undefined): boolean {
    const key = `${accountId}/${script}/${cron}`;
    const last = this.#lastDue.get(key) ?? this.#startedAt;
    this.#lastDue.set(key, due);
    if (this.#runtime.awake(accountId) || following === undefined || following - due >= HOUR) return true;
    return hourOf(accountId, due) !== hourOf(accountId, last);
  }

  #fire({ accountId, script, cron }: Schedule, scheduledTime: number): void {
    const { activity } = this.#ctx;
    const log = (level: string, message: string) =>
      activity.record({ type: "log", accountId, script, level, message: `cron "${cron}": ${message}` });
    const run = this.#runtime.run(accountId, script, cron, scheduledTime).then(
      (outcome) => log(outcome === "ok" ? "info" : "error", `ran, outcome ${outcome}`),
      (error: Error) => log("error", error.message),
    );
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }
}

/** ms that `scheduled` handlers under way get when the cloud ends, as batches of messages do. */
const PATIENCE = 4000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Times of a cron, in ms since 1970. */
interface Times {
  /** The newest at which it should have fired. */
  readonly due?: number | undefined;
  /** The one after `due`. */
  readonly following?: number | undefined;
  /** The next from now on. */
  readonly next?: number | undefined;
}

function timesOf(expression: string, after: number, now: number): Times {
  const cron = parseCron(expression);
  if (typeof cron === "string") return {};
  const due = newest((from) => cron.next(from), after, now);
  return { due, following: due === undefined ? undefined : cron.next(due), next: cron.next(now) };
}

/** Hours that begin for each account at another minute. */
function hourOf(accountId: string, time: number): number {
  const phase = createHash("sha256").update(accountId).digest().readUInt32BE() % HOUR;
  return Math.floor((time - phase) / HOUR);
}

/** The last time after `after` up to `until` at which the cron fires. */
function newest(next: (after: number) => number | undefined, after: number, until: number): number | undefined {
  // Only the last day can hold the newest time of a cron that fires often; a rare one is found by a search from the start.
  let found: number | undefined;
  let from = next(Math.max(after, until - 86_400_000)) === undefined ? after : Math.max(after, until - 86_400_000);
  if ((next(from) ?? Number.POSITIVE_INFINITY) > until) from = after;
  for (let at = next(from); at !== undefined && at <= until; at = next(at)) found = at;
  return found;
}
