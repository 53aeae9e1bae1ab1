import { Hono } from "hono";
import * as z from "zod";
import { type Clock, dayOf } from "../../core/clock.ts";
import { failure } from "../../core/envelope.ts";
import { type BillInput, makeBill } from "./bill.ts";
import type { UsageCounts } from "./counts.ts";
import type { NotCounted } from "./not-counted.ts";
import { FREE_OF_CHARGE, NOT_PRICED, PRICES_OF } from "./prices.ts";

export interface LocalRoutesOptions {
  readonly clock: Clock;
  readonly counts: UsageCounts;
  /** @throws {ApiError} when there is no such account */
  readonly plan: (accountId: string) => "free" | "paid";
  /** What Workers have used until now is counted when it resolves. */
  readonly collect: (accountId: string) => Promise<void>;
  /** What is stored now. */
  readonly stored: (accountId: string) => Promise<BillInput["stored"]>;
  /** What is billed and not counted on this machine. */
  readonly notCounted: (accountId: string) => readonly NotCounted[];
}

const Day = z.iso.date("is a day such as 2026-11-21");
const UsageQuery = z.object({ account: z.string().min(1), from: Day.optional(), to: Day.optional() });
const BillQuery = UsageQuery.extend({
  scale: z.coerce
    .number("is a number, such as 12.5")
    .positive("is above 0")
    .max(1e9, "is at most a billion")
    .optional(),
});

/**
 * Usage for people, at `/_local/usage`.
 *
 * | route | |
 * |---|---|
 * | `GET /?account=&from=&to=` | what was used by day, Worker and meter, and what is stored now; days are UTC, without them this month |
 * | `GET /bill?account=&from=&to=&scale=` | what that costs by either plan, line by line; `scale`: a month is so many times this traffic |
 */
export function localRoutes({ clock, counts, plan, collect, stored, notCounted }: LocalRoutesOptions): Hono {
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
      stored: await stored(account),
    });
  });
  routes.get("/bill", async (context) => {
    const query = BillQuery.parse(context.req.query());
    const { account, scale } = query;
    const period = periodOf(query, clock.now());
    const accountPlan = plan(account);
    await collect(account);
    const rows = counts.between(account, period.from, period.to);
    return context.json({
      account,
      plan: accountPlan,
      ...period,
      scale: scale ?? null,
      prices_of: PRICES_OF,
      ...makeBill({ rows, stored: await stored(account), scale }),
      free_of_charge: FREE_OF_CHARGE,
      not_priced: NOT_PRICED,
      not_counted: notCounted(account),
    });
  });
  return routes;
}

/** The days that a question is about. @default from the first of the month on */
function periodOf({ from, to }: z.infer<typeof UsageQuery>, now: number) {
  const today = dayOf(now);
  return { from: from ?? `${(to ?? today).slice(0, 7)}-01`, to: to ?? today };
}
