const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The steps in which counts are told, in ms. The first, `1h` and `1d` are also those in which they are kept. */
export const STEPS = { "1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR, "1d": DAY } as const;
export type StepName = keyof typeof STEPS;

/** How long counts are kept by minutes, by hours and by days: the settings. */
export interface Keeping {
  readonly minutesKeptHours: number;
  readonly hoursKeptDays: number;
  readonly daysKeptDays: number;
}

/** A stretch of time, cut into steps: `from` and `to` are whole steps, in ms. */
export interface Period {
  readonly from: number;
  readonly to: number;
  readonly name: StepName;
  readonly step: number;
}

/** No answer has more steps. */
const MOST_STEPS = 1_500;

/** With no step asked for, so many make a readable chart. */
const READABLE_STEPS = 200;

/** A stretch of time that cannot be told as asked. */
export class PeriodError extends Error {
  override readonly name = "PeriodError";
  readonly field: "from" | "to" | "step";

  constructor(field: PeriodError["field"], message: string) {
    super(message);
    this.field = field;
  }
}

/** Before these times counts are gathered: minutes into hours, hours into days, and days are forgotten. */
export function cutoffs(keeping: Keeping, now: number) {
  return {
    minutes: floor(now - keeping.minutesKeptHours * HOUR, HOUR),
    hours: floor(now - keeping.hoursKeptDays * DAY, DAY),
    days: floor(now - keeping.daysKeptDays * DAY, DAY),
  };
}

/**
 * Resolves what was asked for into whole steps that the counts can still be told in.
 *
 * @param asked `from`, `to`: ms; left out: the last 24 hours. `step` left out: the finest that makes a readable chart
 * @throws PeriodError
 */
export function period(
  asked: { readonly from?: number | undefined; readonly to?: number | undefined; readonly step?: StepName | undefined },
  keeping: Keeping,
  now: number,
): Period {
  const to = asked.to ?? now;
  const from = asked.from ?? to - DAY;
  if (from >= to) throw new PeriodError("from", "has to be before `to`");
  const finest = finestKept(from, keeping, now);
  if (asked.step !== undefined) {
    const step = STEPS[asked.step];
    if (step < finest) {
      const name = nameOf(finest);
      throw new PeriodError(
        "step",
        `of so long ago counts are kept by ${name}: ask for step=${name}, or a later \`from\``,
      );
    }
    if ((to - from) / step > MOST_STEPS) {
      throw new PeriodError("step", `would be more than ${MOST_STEPS} steps: ask for longer ones, or less time`);
    }
    return aligned(from, to, asked.step);
  }
  const names = Object.keys(STEPS) as StepName[]; // of a constant
  const readable = names.find((name) => STEPS[name] >= finest && (to - from) / STEPS[name] <= READABLE_STEPS);
  if (!readable && (to - from) / DAY > MOST_STEPS) {
    throw new PeriodError("from", `is more than ${MOST_STEPS} days before \`to\``);
  }
  return aligned(from, to, readable ?? "1d");
}

function finestKept(from: number, keeping: Keeping, now: number): number {
  const { minutes, hours } = cutoffs(keeping, now);
  // A step that has begun before the cut is told whole, so `from` counts as it is.
  if (from >= minutes) return MINUTE;
  return from >= hours ? HOUR : DAY;
}

function nameOf(step: number): StepName {
  return step === HOUR ? "1h" : step === DAY ? "1d" : "1m";
}

function aligned(from: number, to: number, name: StepName): Period {
  const step = STEPS[name];
  return { from: floor(from, step), to: Math.ceil(to / step) * step, name, step };
}

/** The beginning of the step that a time is in. */
export function floor(time: number, step: number): number {
  return Math.floor(time / step) * step;
}
