import { type Context, Hono } from "hono";
import { accountOf } from "../../core/account.ts";
import { failure } from "../../core/envelope.ts";
import type { ServiceContext } from "../../core/service.ts";
import { formatRows } from "./format.ts";
import { SqlError } from "./sql-error.ts";
import { PointStore } from "./store.ts";
import { translate } from "./translate.ts";

/**
 * The SQL API, which knows no envelope: rows, or an error as text.
 *
 * @see https://developers.cloudflare.com/analytics/analytics-engine/sql-api/
 */
export function sqlRoutes(points: PointStore, { clock, countUsage }: ServiceContext): Hono {
  const routes = new Hono();
  // The status of a refused query is not on record: 422, as ClickHouse-like services answer.
  routes.onError((error, context) =>
    isRefusal(error) ? context.text(`Your query has errors: ${error.message}`, 422) : failure(error, context),
  );
  routes.post("/sql", async (context) => answer(context, await context.req.text()));
  routes.get("/sql", (context) => answer(context, context.req.query("query") ?? ""));

  function answer(context: Context, sql: string): Response {
    const query = translate(sql, clock.now());
    const accountId = accountOf(context);
    countUsage?.(accountId, "", { "analytics_engine.queries": 1 });
    const { body, contentType } =
      query.kind === "tables"
        ? formatRows(
            query.format,
            PointStore.tableColumns,
            points.datasets(accountId).map((dataset) => ({ dataset })),
          )
        : formatRows(query.format, query.columns, points.select(accountId, query));
    return context.body(body, 200, { "content-type": contentType });
  }
  return routes;
}

/** Also what SQLite refuses, e.g. an aggregate in WHERE. */
function isRefusal(error: Error): boolean {
  return error instanceof SqlError || ("code" in error && error.code === "ERR_SQLITE_ERROR");
}
