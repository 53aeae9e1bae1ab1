/** The cloud's time. Nothing in the cloud reads the machine's clock but this, so tests can move it. */
export interface Clock {
  /** Milliseconds since 1970, moved by the offset. */
  now(): number;
  /** How far this clock is ahead of the machine's, in ms. */
  readonly offset: number;
  /** Moves the clock forward by `ms` and tells whoever waits. */
  advance(ms: number): void;
  /** Calls `listener` after each move. Answers how to stop that. */
  onMove(listener: (offset: number) => void): () => void;
}

/** A clock that follows the machine's, `offset` ms ahead. */
export function createClock(offset = 0): Clock {
  const listeners = new Set<(offset: number) => void>();
  let ahead = offset;
  return {
    now: () => Date.now() + ahead,
    get offset() {
      return ahead;
    },
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError("the clock only moves forward");
      ahead += ms;
      for (const listener of listeners) listener(ahead);
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const DAY = 86_400_000;
let lastDay = { number: 0, name: "1970-01-01" };

/** The day (UTC) of a time in ms: `2026-11-21`. What every call asks, and nearly always of the same day. */
export function dayOf(ms: number): string {
  const number = Math.floor(ms / DAY);
  if (number !== lastDay.number) lastDay = { number, name: new Date(ms).toISOString().slice(0, 10) };
  return lastDay.name;
}

/** A time as Cloudflare writes it: RFC 3339 with microseconds, UTC. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
