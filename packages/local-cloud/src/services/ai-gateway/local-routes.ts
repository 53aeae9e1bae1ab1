import { Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import { timestamp } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { DailyCost } from "./daily-costs.ts";
import { gatewayFailure } from "./errors.ts";
import type { Gateway, LogEntry, Route, SpendRule } from "./gateway.ts";
import type { StoredLog } from "./log-store.ts";
import { readElements } from "./route-elements.ts";
import type { Spending } from "./spend-counters.ts";
import type { GatewayStores } from "./state.ts";
import { windowEnd, windowNumber } from "./time-window.ts";

/** `GET /_local/ai-gateway?account=ID`. Times are RFC 3339, costs US dollars. */
export interface AiOverview {
  gateways: GatewayView[];
  routes: RouteView[];
  /** The last 30 days, one entry per day, gateway and model, oldest first; of deleted logs too. */
  costs: DailyCost[];
}

interface GatewayView {
  id: string;
  createdAt: string;
  /** Whether the rules are in force. */
  limited: boolean;
  rules: RuleView[];
}

interface RuleView extends Pick<SpendRule, "id" | "enabled" | "limit" | "technique" | "metadata" | "model"> {
  provider?: unknown;
  /** Seconds. */
  window: number;
  /** When the window that counts now ends. */
  windowEnds: string;
  /** What is spent of each budget, the largest first, at most 20; none: nothing. A rule that splits nothing has one, `""`. */
  spending: Spending[];
}

interface RouteView extends Route {
  modifiedAt: string;
}

/** `GET /_local/ai-gateway/logs?account=ID&limit=50&before=LOG_ID`: newest first. */
export interface RecentLogs {
  logs: LogView[];
  /** The `before` of the next page; null after the last. */
  before: string | null;
}

/** A log without its payloads. */
interface LogView extends Omit<LogEntry, "accountId" | "createdAt" | "request" | "response"> {
  createdAt: string;
  feedback: number | null;
  score: number | null;
}

const DAYS = 30;
const DAY = 86_400_000;
const MAX_BUDGETS = 20;

const OverviewQuery = z.object({ account: z.string().min(1) });
const LogQuery = OverviewQuery.extend({
  before: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `GET /_local/ai-gateway/logs/LOG_ID?account=ID&gateway=ID`: what was sent and received, as far as it is kept. */
interface LogPayload {
  request: string | null;
  response: string | null;
}

/**
 * What the console shows of AI Gateway: {@link AiOverview} at `/`, {@link RecentLogs} at `/logs`, {@link LogPayload}
 * below it.
 */
export function localRoutes(ctx: Pick<ServiceContext, "clock">, state: GatewayStores): Hono {
  const routes = new Hono();
  routes.onError(gatewayFailure);
  routes.get("/", (context) => {
    const { account } = OverviewQuery.parse(context.req.query());
    const now = ctx.clock.now();
    const gateways = state.gateways.list(account);
    const overview: AiOverview = {
      gateways: gateways.map((gateway) => viewGateway(gateway, account, now)),
      routes: gateways.flatMap(({ id }) => viewRoutes(account, id)),
      costs: state.logs.costs(account, now - (DAYS - 1) * DAY),
    };
    return context.json(overview);
  });
  routes.get("/logs", (context) => {
    const { account, before, limit } = LogQuery.parse(context.req.query());
    const found = state.logs.recent(account, { before, limit: limit + 1 });
    const logs = found.slice(0, limit).map(viewLog);
    const answer: RecentLogs = { logs, before: found.length > limit ? (logs.at(-1)?.id ?? null) : null };
    return context.json(answer);
  });

  routes.get("/logs/:id", (context) => {
    const { account, gateway } = OverviewQuery.extend({ gateway: z.string().min(1) }).parse(context.req.query());
    const log = state.log(account, gateway, context.req.param("id"));
    if (!log) throw new ApiError(404, 7002, "no such log");
    const payload: LogPayload = { request: log.request, response: log.response };
    return context.json(payload);
  });

  function viewGateway(gateway: Gateway, accountId: string, now: number): GatewayView {
    const rules = gateway.spend_limits?.rules ?? [];
    return {
      id: gateway.id,
      createdAt: gateway.created_at,
      limited: gateway.spend_limits?.enabled ?? false,
      rules: rules.map(({ limitType: _limitType, ...rule }) => ({
        ...rule,
        windowEnds: timestamp(windowEnd(windowNumber(now, rule.window), rule.window)),
        spending: state.spend.spending(gateway, accountId, { limitType: "cost", ...rule }).slice(0, MAX_BUDGETS),
      })),
    };
  }

  function viewRoutes(accountId: string, gatewayId: string): RouteView[] {
    return state.routes.list(accountId, gatewayId).map(({ id, name, elements, modified_at }) => ({
      id,
      name,
      gatewayId,
      elements: readElements(elements),
      modifiedAt: modified_at,
    }));
  }
  return routes;
}

function viewLog({
  accountId: _accountId,
  request: _request,
  response: _response,
  requestSize: _requestSize,
  responseSize: _responseSize,
  createdAt,
  ...log
}: StoredLog): LogView {
  return { ...log, createdAt: timestamp(createdAt) };
}
