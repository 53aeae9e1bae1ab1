/** How a limit forgets: all at once at the end of a window, or bit by bit. */
export type Technique = "fixed" | "sliding";

/** The number of the window that `now` (ms) lies in. Windows are aligned to the clock: those of a minute begin at :00. */
export function windowNumber(now: number, seconds: number): number {
  return Math.floor(now / (seconds * 1000));
}

/** When a window ends, in ms. */
export function windowEnd(number: number, seconds: number): number {
  return (number + 1) * seconds * 1000;
}

/**
 * What counts at `now` of what was counted in this window and the one before. `fixed`: this window's. `sliding`: the one
 * before weighs as much as it still overlaps the last `seconds`, which is how Cloudflare was seen to do it: 0.0025 of a
 * minute ago fall under 0.002 after 12 s.
 */
export function counted(
  technique: Technique,
  { now, seconds, current, previous }: { now: number; seconds: number; current: number; previous: number },
): number {
  if (technique === "fixed") return current;
  const elapsed = now / (seconds * 1000) - windowNumber(now, seconds);
  return current + previous * (1 - elapsed);
}
