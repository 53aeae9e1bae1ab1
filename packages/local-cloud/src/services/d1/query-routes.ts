import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { D1Data, DataPlane } from "../../core/service.ts";
import { malformed } from "./errors.ts";
import { type Query, runQueries, runRaw, statementsOf } from "./run-query.ts";
import type { Database, DatabaseStore } from "./store.ts";

const Single = z.object({ sql: z.string(), params: z.array(z.unknown()).nullish() });
const QueryBody = z.union([z.object({ batch: z.array(Single).min(1) }), Single]);

/**
 * SQL over REST, below `/d1/database/:id`.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/query/
 */
export function queryRoutes(dataPlane: DataPlane, databases: DatabaseStore): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.post("/:id/query", (context) => answer(context, runQueries));
  routes.post("/:id/raw", (context) => answer(context, runRaw));

  async function answer<Answer extends { meta: Record<string, unknown> }>(
    context: Context,
    run: (data: D1Data, queries: readonly Query[]) => Promise<Answer[]>,
  ): Promise<Response> {
    const accountId = accountOf(context);
    const database = databases.get(accountId, context.req.param("id") ?? "");
    const body = await jsonBody(context, QueryBody).catch((cause: unknown) => {
      throw cause instanceof z.ZodError
        ? malformed("a body {sql, params?} or {batch: [{sql, params?}]} is needed")
        : cause;
    });
    const queries = statementsOf(
      ("batch" in body ? body.batch : [body]).map(({ sql, params }) => ({ sql, params: params ?? undefined })),
    );
    const data = await dataPlane.d1(accountId, database.uuid);
    const answers = await run(data, queries);
    await measure(databases, database, data, queries, answers.at(-1)?.meta["size_after"]);
    return ok(context, answers);
  }
  return routes;
}

/** Notes the new size of a database; its tables are counted only when some may have come or gone. */
export async function measure(
  databases: DatabaseStore,
  database: Database,
  data: D1Data,
  queries: readonly Query[],
  size: unknown,
): Promise<void> {
  if (typeof size !== "number") return;
  const structural = queries.some(({ sql }) => /\b(create|drop|alter)\b/i.test(sql));
  if (!structural) {
    if (size !== database.file_size) databases.measure(database.uuid, size);
    return;
  }
  const { results } = await data
    .prepare(
      "SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'",
    )
    .all();
  databases.measure(database.uuid, size, Number(results[0]?.["tables"] ?? 0));
}
