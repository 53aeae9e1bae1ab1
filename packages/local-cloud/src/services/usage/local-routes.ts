import { Hono } from "hono";
import * as z from "zod";
import { type Clock, dayOf } from "../../core/clock.ts";
import { failure } from "../../core/envelope.ts";
import type { UsageCounts } from "./counts.ts";

export interface LocalRoutesOptions {
  readonly clock: Clock;
  readonly counts: UsageCounts;
  /** @throws {ApiError} when there is no such account */
  readonly plan: (accountId: string) => "free" | "paid";
  /** What Workers have used until now is counted when it resolves. */
  readonly collect: (accountId: string) => Promise<void>;
}

const Day = z.iso.date("is a day such as 2026-11-21");
const UsageQuery = z.object({ account: z.string().min(1), from: Day.optional(), to: Day.optional() });

/**
 * Usage for people, at `/_local/usage`.
 *
 * | route | |
 * |---|---|
 * | `GET /?account=&from=&to=` | what was used by day, Worker and meter; days are UTC, without them this month |
 */
export function localRoutes({ clock, counts, plan, collect }: LocalRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/", async (context) => {
    const query = UsageQuery.parse(context.req.query());
    const { account } = query;
    const period = periodOf(query, clock.now());
    const accountPlan = plan(account);
    await collect(account);
    return context.json({
      account,
      plan: accountPlan,
      ...period,
      usage: counts.between(account, period.from, period.to),
    });
  });
  return routes;
}

/** The days that a question is about. @default from the first of the month on */
function periodOf({ from, to }: z.infer<typeof UsageQuery>, now: number) {
  const today = dayOf(now);
  return { from: from ?? `${(to ?? today).slice(0, 7)}-01`, to: to ?? today };
}
