import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import type { ActivityLog } from "../core/activity.ts";
import { ApiError } from "../core/api-error.ts";
import { type Clock, timestamp } from "../core/clock.ts";
import { failure } from "../core/envelope.ts";
import { Fault, type Faults, faultRoutes } from "../core/faults.ts";
import type { Overview } from "../core/overview.ts";
import { jsonBody } from "../core/request-body.ts";
import type { Service } from "../core/service.ts";
import { type AccountRoutesOptions, accountRoutes } from "./account-routes.ts";
import { Duration } from "./duration.ts";
import { eventStream } from "./events.ts";
import { loopbackOnly, ownPageOrToken, tokenOrSession } from "./guard.ts";
import { enterRoute, sessionRoutes } from "./session-routes.ts";
import type { Sessions } from "./sessions.ts";

export { createSessions } from "./sessions.ts";

export interface LocalApiOptions extends AccountRoutesOptions {
  /** The API token, which lets scripts in. */
  token: string;
  sessions: Sessions;
  activity: ActivityLog;
  clock: Clock;
  faults: Faults;
  overview: Overview;
  /** Those that have routes of their own here. */
  services?: readonly Pick<Service, "name" | "localRoutes">[];
  /** Empties one account, or with undefined the whole cloud. */
  reset(accountId: string | undefined): Promise<void>;
  /** The cloud's own address, e.g. `http://127.0.0.1:8787`. */
  origin(): string;
  /** Ends the event streams when the cloud stops. */
  closing?: AbortSignal;
  /** Milliseconds between an event stream's signs of life. @default 5000 */
  heartbeat?: number;
}

/**
 * What the local cloud can do and Cloudflare cannot, for `/_local`: look at everything, follow it live, move the clock,
 * make things fail, begin anew. Answers are JSON, refusals have Cloudflare's envelope.
 *
 * | route | |
 * |---|---|
 * | `GET /health` | anybody on this machine |
 * | `GET /session?code=` · `POST /session` · `DELETE /session` | enter by a one-time link · make one · leave |
 * | `GET /workers` | `{workers: [{accountId, script, url}]}`, those that have an address |
 * | `GET /workers/versions?account=&script=` | the versions that are deployed, and how their requests went since |
 * | `GET /overview` | accounts with Workers, resources and runtime; clock; faults |
 * | `GET /activity?after=` · `GET /events` | what happened · what happens, see {@link eventStream} |
 * | `GET`, `POST`, `PUT`, `DELETE /faults` | list · add · replace all · clear |
 * | `GET /clock` · `POST /clock` `{advance: ms or "24h"}` | |
 * | `POST /reset` `{account?}` | |
 * | `POST /accounts` `{id, name, plan?}` · `DELETE /accounts/<id>` | make one, unless it is there · take it away with all in it |
 * | `/<service>/…` | what a service adds, e.g. `GET /ai-gateway?account=` |
 */
export function createLocalApi(options: LocalApiOptions): Hono {
  const { activity, clock, faults, overview, sessions } = options;
  const run = randomUUID();
  const api = new Hono();
  api.onError(failure);
  api.use("*", loopbackOnly(), async (context, next) => {
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
    context.header("cross-origin-resource-policy", "same-origin");
    await next();
  });
  api.get("/health", (context) => context.json({ ok: true, version: packageJson.version }));
  api.route("/", enterRoute(sessions));
  api.use("*", tokenOrSession(options));
  api.route("/", sessionRoutes(sessions));

  api.get("/workers", (context) => context.json({ workers: addressedWorkers(overview) }));
  api.get("/overview", (context) =>
    context.json({
      version: packageJson.version,
      run,
      url: options.origin(),
      clock: readClock(clock),
      faults: faults.list(),
      accounts: overview.accounts().map((account) => ({
        ...account,
        runtime: overview.runtime(account.id),
        workers: overview.workers(account.id),
        resources: overview.resources(account.id),
      })),
    }),
  );

  api.get("/activity", (context) => {
    const { after } = ActivityQuery.parse(context.req.query());
    return context.json({ run, activities: activity.recent(after) });
  });
  api.get("/events", ownPageOrToken(), (context) => eventStream(context, { ...options, run }));

  api.put("/faults", async (context) => {
    const wanted = await jsonBody(context, z.array(Fault));
    faults.clear();
    for (const fault of wanted) faults.add(fault);
    return context.json({ faults: faults.list() });
  });
  api.route("/faults", faultRoutes(faults));

  api.get("/clock", (context) => context.json(readClock(clock)));
  api.post("/clock", async (context) => {
    clock.advance((await jsonBody(context, AdvanceBody)).advance);
    return context.json(readClock(clock));
  });

  api.post("/reset", async (context) => {
    const { account } = await jsonBody(context, ResetBody);
    const ids = overview.accounts().map(({ id }) => id);
    if (account !== undefined && !ids.includes(account)) throw new ApiError(404, 10007, `no account "${account}" here`);
    await options.reset(account);
    for (const accountId of account === undefined ? ids : [account]) {
      activity.record({ type: "change", accountId, product: "cloud", action: "reset", resource: accountId });
    }
    return context.json({ reset: account ?? "all" });
  });

  api.route("/accounts", accountRoutes(options));
  for (const { name, localRoutes } of options.services ?? []) if (localRoutes) api.route(`/${name}`, localRoutes);

  api.all("*", (context) => {
    throw new ApiError(404, 10007, `no such route: ${context.req.method} ${context.req.path}`);
  });
  return api;
}

const ActivityQuery = z.object({ after: z.coerce.number().int().min(0).optional() });
const AdvanceBody = z.strictObject({ advance: Duration });
const ResetBody = z.strictObject({ account: z.string().optional() });

function addressedWorkers(overview: Overview): { accountId: string; script: string; url: string }[] {
  return overview
    .accounts()
    .flatMap(({ id }) =>
      overview.workers(id).flatMap(({ script, url }) => (url === undefined ? [] : [{ accountId: id, script, url }])),
    );
}

function readClock(clock: Clock): { now: number; offset: number; time: string } {
  const now = clock.now();
  return { now, offset: clock.offset, time: timestamp(now) };
}
