import * as z from "zod";
import type { TraceEvent } from "../../core/trace-event.ts";

/** What a trace says of a batch. */
const QueueEvent = z.object({ queue: z.string(), batchSize: z.number() });

/** Milliseconds that a trace may come after the outcome it belongs to. */
const PATIENCE = 250;
/** Milliseconds after which a trace belongs to no batch that fails now. */
const STALE = 2000;
/** Traces that nobody asked for, of one consumer. */
const KEPT = 20;
/** Characters of an error that are kept with a message. */
const LONGEST = 300;

/**
 * The errors that consumers threw. The outcome of a batch does not hold them, the trace of the call does, and comes by
 * another way. Of two batches of one size that fail at once, each may get the other's.
 */
export class Failures {
  readonly #unclaimed = new Map<string, { error: string; at: number }[]>();
  readonly #waiting = new Map<string, ((error: string) => void)[]>();

  /** Takes the traces of a script. */
  record(accountId: string, script: string, events: readonly TraceEvent[]): void {
    for (const { event, exceptions } of events) {
      const parsed = QueueEvent.safeParse(event);
      const [first] = exceptions;
      if (!parsed.success || first === undefined) continue;
      const key = keyOf(accountId, script, parsed.data.queue, parsed.data.batchSize);
      const error = `${first.name}: ${first.message}`.slice(0, LONGEST);
      const claim = this.#waiting.get(key)?.shift();
      if (claim) claim(error);
      else this.#unclaimed.set(key, [...this.#recent(key), { error, at: performance.now() }].slice(-KEPT));
    }
  }

  /** The error that ended a batch, if its trace comes soon. */
  async of(accountId: string, script: string, queue: string, batchSize: number): Promise<string | undefined> {
    const key = keyOf(accountId, script, queue, batchSize);
    const [known, ...others] = this.#recent(key);
    this.#unclaimed.set(key, others);
    if (others.length === 0) this.#unclaimed.delete(key);
    if (known !== undefined) return known.error;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, waiting);
      const claim = (error: string) => {
        clearTimeout(timer);
        resolve(error);
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(claim), 1);
        resolve(undefined);
      }, PATIENCE);
      waiting.push(claim);
    });
  }

  #recent(key: string): { error: string; at: number }[] {
    return (this.#unclaimed.get(key) ?? []).filter(({ at }) => performance.now() - at < STALE);
  }
}

function keyOf(accountId: string, script: string, queue: string, batchSize: number): string {
  return JSON.stringify([accountId, script, queue, batchSize]);
}
