import type { Hop, HopName, Trace } from "./domain/trace.ts";

/** What is known of a hop when it has ended. */
export type HopEnd = Omit<Hop, "name" | "startMs" | "tookMs">;

/**
 * Measures what a request waits for. Between two waits it measures nothing: a Worker's clock stands still while the
 * Worker computes.
 *
 * @see https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading
 */
export class TraceRecorder {
  /** ms since 1970 */
  readonly startedAt: number;
  readonly #now: () => number;
  readonly #hops: Hop[] = [];

  /** @param now the stack's clock, ms */
  constructor(now: () => number) {
    this.#now = now;
    this.startedAt = now();
  }

  /** Waits for something, and writes down how long. What it throws is thrown on. */
  async measure<T>(
    name: HopName,
    act: () => Promise<T>,
    endOf: (value: T) => HopEnd = () => ({ state: "done" }),
    failedAs: HopEnd = { state: "failed" },
  ): Promise<T> {
    const startMs = this.elapsedMs();
    const end = (how: HopEnd) => {
      this.#hops.push({ name, startMs, tookMs: Math.max(0, this.elapsedMs() - startMs), ...how });
    };
    try {
      const value = await act();
      end(endOf(value));
      return value;
    } catch (error) {
      end(failedAs);
      throw error;
    }
  }

  /** Takes over what was measured elsewhere, which began when the newest hop of this name did. */
  include(name: HopName, elsewhere: Trace): void {
    const startMs = this.#hops.findLast((hop) => hop.name === name)?.startMs ?? 0;
    this.#hops.push(...elsewhere.map((hop) => ({ ...hop, startMs: hop.startMs + startMs })));
  }

  /** ms since the request came; a clock that was put back in between does not make it negative. */
  elapsedMs(): number {
    return Math.max(0, Math.round(this.#now() - this.startedAt));
  }

  /** What was measured so far, in the order in which it began. */
  trace(): Trace {
    return this.#hops.toSorted((one, other) => one.startMs - other.startMs);
  }
}
