import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { timestamp } from "../../core/clock.ts";
import { ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { gatewayFailure, logNotFound, payloadNotFound } from "./errors.ts";
import { logCondition } from "./log-filter.ts";
import { LogPatch } from "./log-patch.ts";
import type { StoredLog } from "./log-store.ts";
import type { GatewayStores } from "./state.ts";

const COLUMNS = ["created_at", "provider", "model", "model_type", "success", "cached"] as const;
const MORE_COLUMNS = [...COLUMNS, "cost", "tokens_in", "tokens_out", "duration", "feedback"] as const;
const Direction = z.enum(["asc", "desc"]);

const ListQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  per_page: z.coerce.number().int().min(1).max(1000).default(20),
  order_by: z.enum(COLUMNS).default("created_at"),
  order_by_direction: Direction.optional(),
  /** The older name. */
  direction: Direction.optional(),
  meta_info: z.stringbool().default(false),
});

const DeleteQuery = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  order_by: z.enum(MORE_COLUMNS).default("created_at"),
  order_by_direction: Direction.default("asc"),
});

/**
 * The logs of a gateway.
 *
 * @see https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/
 */
export function logRoutes(state: GatewayStores): Hono {
  const routes = new Hono();
  routes.onError(gatewayFailure);
  const place = (context: Context): [accountId: string, gatewayId: string] => {
    const accountId = accountOf(context);
    return [accountId, state.gateways.get(accountId, context.req.param("gateway") ?? "").id];
  };
  const find = (context: Context): StoredLog => {
    const id = context.req.param("id") ?? "";
    const log = state.logs.find(...place(context), id);
    if (!log) throw logNotFound(id);
    return log;
  };

  routes.get("/", (context) => {
    const { page, per_page, order_by, meta_info, ...query } = ListQuery.parse(context.req.query());
    const condition = logCondition(searchOf(context));
    const order = orderOf(order_by, query.order_by_direction ?? query.direction ?? "desc");
    const [accountId, gatewayId] = place(context);
    const { logs } = state;
    const found = logs.page(accountId, gatewayId, condition, { order, limit: per_page, offset: (page - 1) * per_page });
    const facts = meta_info
      ? logs.ranges(accountId, gatewayId, condition)
      : { total_count: logs.count(accountId, gatewayId, condition) };
    return context.json({
      success: true,
      errors: [],
      messages: [],
      result: found.map(listed),
      result_info: { page, per_page, count: found.length, ...facts },
    });
  });
  routes.delete("/", (context) => {
    const { limit, order_by, order_by_direction } = DeleteQuery.parse(context.req.query());
    const condition = logCondition(searchOf(context));
    state.logs.remove(...place(context), condition, { order: orderOf(order_by, order_by_direction), limit });
    return ok(context, { success: true });
  });
  routes.get("/:id", (context) => ok(context, detailed(find(context))));
  routes.patch("/:id", async (context) => {
    const patch = await jsonBody(context, LogPatch);
    const { id } = find(context);
    state.logs.patch(...place(context), id, patch);
    return ok(context, detailed(find(context)));
  });
  routes.get("/:id/request", (context) => {
    const { id, request, requestSize } = find(context);
    return payload(context, id, request, requestSize);
  });
  routes.get("/:id/response", (context) => {
    const { id, response, responseSize } = find(context);
    return payload(context, id, response, responseSize);
  });
  return routes;
}

/** The payload itself, without an envelope. Of one that was cut the beginning, and a header says so. */
function payload(context: Context, id: string, text: string | null, size: number): Response {
  if (text === null) throw payloadNotFound(id);
  if (text.length < size) context.header("x-local-truncated", `${text.length} of ${size} characters`);
  return context.body(text, 200, { "content-type": isJson(text) ? "application/json" : "text/plain; charset=utf-8" });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `column` is one of this file's. */
function orderOf(column: string, direction: "asc" | "desc"): string {
  return `${column} ${direction}, id ${direction}`;
}

function searchOf(context: Context): URLSearchParams {
  return new URL(context.req.url).searchParams;
}

/** A log in a list. `metadata` is an object, as seen on the wire, though the reference calls it a string. */
function listed(log: StoredLog): Record<string, unknown> {
  return {
    id: log.id,
    created_at: timestamp(log.createdAt),
    provider: log.provider,
    model: log.model,
    model_type: log.modelType,
    path: log.path,
    duration: log.duration,
    status_code: log.statusCode,
    success: log.success,
    cached: log.cached,
    tokens_in: log.tokensIn,
    tokens_out: log.tokensOut,
    cost: log.cost,
    custom_cost: log.customCost,
    metadata: log.metadata,
    step: log.step,
    request_type: log.requestType,
    feedback: log.feedback,
    score: log.score,
  };
}

function detailed(log: StoredLog): Record<string, unknown> {
  return {
    ...listed(log),
    request_head: log.request,
    request_head_complete: (log.request?.length ?? 0) === log.requestSize,
    request_size: log.requestSize,
    response_head: log.response,
    response_head_complete: (log.response?.length ?? 0) === log.responseSize,
    response_size: log.responseSize,
  };
}
