import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { timestamp } from "../../core/clock.ts";
import { ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { ServiceContext } from "../../core/service.ts";
import { parseCron } from "./cron.ts";
import { errors } from "./errors.ts";
import type { Scripts } from "./scripts.ts";
import type { Schedule, Script } from "./store.ts";

const Schedules = z.array(z.looseObject({ cron: z.string() }));

/**
 * Cron triggers of a script. A PUT replaces them all.
 *
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/
 */
export function scheduleRoutes(ctx: ServiceContext, scripts: Scripts, changed: () => void): Hono {
  const routes = new Hono();
  const find = (context: Context): Script => scripts.get(accountOf(context), context.req.param("script") ?? "");
  const answer = ({ accountId, name }: Script) => ({
    schedules: scripts.store.schedules(accountId, name).map(({ cron, createdOn, modifiedOn }) => ({
      cron,
      created_on: timestamp(createdOn),
      modified_on: timestamp(modifiedOn),
    })),
  });

  routes.get("/scripts/:script/schedules", (context) => ok(context, answer(find(context))));

  routes.put("/scripts/:script/schedules", async (context) => {
    const script = find(context);
    const { accountId, name } = script;
    const wanted = [...new Set((await jsonBody(context, Schedules)).map(({ cron }) => cron))];
    for (const cron of wanted) {
      const parsed = parseCron(cron);
      if (typeof parsed === "string") throw errors.invalidCron(cron, parsed);
    }
    const { cronTriggers } = ctx.limits(accountId);
    const others = scripts.store.schedules(accountId).filter((schedule) => schedule.script !== name);
    if (others.length + wanted.length > cronTriggers) throw errors.tooManyCrons(cronTriggers);
    const before = new Map(scripts.store.schedules(accountId, name).map((schedule) => [schedule.cron, schedule]));
    const now = ctx.clock.now();
    const schedules: Schedule[] = wanted.map((cron) => ({
      accountId,
      script: name,
      cron,
      createdOn: before.get(cron)?.createdOn ?? now,
      modifiedOn: now,
    }));
    scripts.store.transaction(() => scripts.store.setSchedules(accountId, name, schedules));
    changed();
    return ok(context, answer(script));
  });

  return routes;
}
