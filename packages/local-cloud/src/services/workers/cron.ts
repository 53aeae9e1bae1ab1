import { Cron } from "croner";

/** When something happens again and again. */
export interface ParsedCron {
  /** The next time after `after`, in ms since 1970; undefined when there is none. */
  next(after: number): number | undefined;
}

/**
 * Parses a cron expression as Cloudflare does: five fields in UTC, weekdays 1 (Sunday) to 7, with L, W and #.
 *
 * @returns the reason as a text when it is not valid.
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions
 */
export function parseCron(expression: string): ParsedCron | string {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || weekday === undefined) return `it has ${fields.length} fields instead of 5`;
  try {
    const cron = new Cron([minute, hour, day, month, shiftWeekday(weekday)].join(" "), {
      // UTC as a time zone would cost milliseconds a time.
      utcOffset: 0,
      paused: true,
      legacyMode: false,
    });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Cloudflare counts weekdays from 1 (Sunday), croner from 0. */
function shiftWeekday(field: string): string {
  return field.replaceAll(/(?<![#/\d])\d+(?![\d#]*#\d)/g, (digits, offset: number) => {
    if (field[offset - 1] === "/" || field[offset - 1] === "#") return digits;
    const weekday = Number(digits);
    if (weekday < 1 || weekday > 7) throw new Error(`weekday ${digits} is not between 1 (Sunday) and 7 (Saturday)`);
    return String(weekday - 1);
  });
}
