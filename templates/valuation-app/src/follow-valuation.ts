import { now } from "@tenner/worker-kit/clock";
import { settingsOf } from "@tenner/worker-kit/env-settings";
import { type Followed, PriceHistoryStore } from "./adapters/price-history-store.ts";
import { ValuationStore } from "./adapters/valuation-store.ts";
import { firstPoint, type PricePoint } from "./domain/price-history.ts";
import type { ListedValuation, Valuation } from "./domain/valuation.ts";

const DAY_MS = 86_400_000;

/** How a valuation's price goes. */
export interface Course {
  readonly followed: boolean;
  /** Days from one appraisal to the next; null: this stack appraises nothing again. */
  readonly everyDays: number | null;
  /** The valuation's own price first. */
  readonly points: readonly PricePoint[];
}

/** A valuation, whose it is, and how its price has gone. The queries go out together: each way to D1 takes its time. */
export async function findWithCourse(
  env: Env,
  id: string,
): Promise<{ readonly valuation: Valuation; readonly owner: string; readonly course: Course } | null> {
  const { everyDays, budgetShare } = settingsOf(env).valuation.reappraisal;
  const [found, courses] = await Promise.all([
    new ValuationStore(env.DB).find(id),
    new PriceHistoryStore(env.DB).coursesOf([id]),
  ]);
  if (!found) return null;
  const { dueAt, points } = courses.get(id) ?? { dueAt: null, points: [] };
  const course = {
    followed: dueAt !== null,
    everyDays: budgetShare === 0 ? null : everyDays,
    points: [firstPoint(found.valuation), ...points],
  };
  return { ...found, course };
}

/** How a listed valuation's price goes. */
export interface ListedCourse {
  /** When a model is asked again, ms; null: nobody follows it. */
  readonly dueAt: number | null;
  /** The valuation's own price first. */
  readonly points: readonly PricePoint[];
}

/** The courses of those of some valuations that are followed, or have been. */
export async function coursesOf(
  env: Env,
  valuations: readonly ListedValuation[],
): Promise<Readonly<Record<string, ListedCourse>>> {
  const found = await new PriceHistoryStore(env.DB).coursesOf(valuations.map(({ id }) => id));
  return Object.fromEntries(
    valuations.flatMap((valuation) => {
      const course = found.get(valuation.id);
      return course ? [[valuation.id, { ...course, points: [firstPoint(valuation), ...course.points] }]] : [];
    }),
  );
}

/** Has an owner's valuation appraised again from now on. */
export function followValuation(env: Env, owner: string, id: string): Promise<Followed> {
  const { everyDays, mostPerOwner } = settingsOf(env).valuation.reappraisal;
  const at = now(env);
  return new PriceHistoryStore(env.DB).follow(owner, id, { at, dueAt: at + everyDays * DAY_MS, most: mostPerOwner });
}

/** No longer. @returns whether there is such a valuation of this owner */
export function unfollowValuation(env: Env, owner: string, id: string): Promise<boolean> {
  return new PriceHistoryStore(env.DB).unfollow(owner, id);
}

/** How a valuation's price has gone, by its id. */
export async function findCourse(env: Env, id: string): Promise<Course | null> {
  return (await findWithCourse(env, id))?.course ?? null;
}
