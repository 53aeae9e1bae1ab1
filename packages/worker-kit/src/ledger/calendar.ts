/** The calendar month (UTC) of a moment in milliseconds: `2026-11`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The day (UTC) of a moment in milliseconds: `2026-11-21`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** When the month after `month` (`2026-11`) begins, in milliseconds. */
export function endOfMonth(month: string): number {
  const begin = new Date(`${month}-01T00:00:00Z`);
  return begin.setUTCMonth(begin.getUTCMonth() + 1);
}
