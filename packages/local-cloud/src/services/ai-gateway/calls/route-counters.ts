import type { Clock } from "../../../core/clock.ts";
import { counted, type Technique, windowNumber } from "../time-window.ts";

interface Count {
  number: number;
  current: number;
  previous: number;
}

/** What the rate elements of routes have counted: calls or US dollars, for each value of their keys. */
export interface RouteCounters {
  /** What counts now. */
  counted(key: string, seconds: number, technique: Technique): number;
  add(key: string, seconds: number, amount: number): void;
}

/** Counters kept at most; the ones used longest ago are forgotten first. */
const MOST = 100_000;

/** In memory: a restart begins anew. */
export function routeCounters(clock: Clock): RouteCounters {
  const counts = new Map<string, Count>();
  const countOf = (key: string, seconds: number): Count => {
    const number = windowNumber(clock.now(), seconds);
    const known = counts.get(key);
    const count =
      known?.number === number
        ? known
        : { number, current: 0, previous: known?.number === number - 1 ? known.current : 0 };
    counts.delete(key);
    counts.set(key, count);
    const oldest = counts.size > MOST ? counts.keys().next() : undefined;
    if (oldest?.value !== undefined) counts.delete(oldest.value);
    return count;
  };
  return {
    counted: (key, seconds, technique) => counted(technique, { now: clock.now(), seconds, ...countOf(key, seconds) }),
    add(key, seconds, amount) {
      countOf(key, seconds).current += amount;
    },
  };
}
