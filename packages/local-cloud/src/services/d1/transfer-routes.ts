import { setTimeout as sleep } from "node:timers/promises";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { failure, ok } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import type { DataPlane, ServiceContext } from "../../core/service.ts";
import { dumpSql } from "./dump.ts";
import { malformed } from "./errors.ts";
import { etagOf, type ImportOutcome, importSql } from "./import.ts";
import { measure } from "./query-routes.ts";
import type { Database, DatabaseStore } from "./store.ts";
import type { TransferFiles } from "./transfer-files.ts";

const ImportBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("init"), etag: z.string() }),
  z.object({ action: z.literal("ingest"), etag: z.string(), filename: z.string() }),
  z.object({ action: z.literal("poll"), current_bookmark: z.string() }),
]);

const ExportBody = z.object({
  output_format: z.literal("polling"),
  current_bookmark: z.string().nullish(),
  dump_options: z
    .object({
      no_data: z.boolean().optional(),
      no_schema: z.boolean().optional(),
      tables: z.array(z.string()).optional(),
    })
    .nullish(),
});

/** How long an answer waits for the work to end, in ms; then the client polls. */
const PATIENCE = 2000;

/** How an import stands. */
type Job = { state: "running" } | { state: "complete"; outcome: ImportOutcome } | { state: "error"; message: string };

/** What the routes need. `signedUrl` makes the full address of a transfer. */
export interface TransferOptions {
  ctx: ServiceContext;
  dataPlane: DataPlane;
  databases: DatabaseStore;
  files: TransferFiles;
  signedUrl: (context: Context, token: string) => string;
}

/**
 * Import and export of SQL files, below `/d1/database/:id`.
 *
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/import/
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/export/
 */
export function transferRoutes({ ctx, dataPlane, databases, files, signedUrl }: TransferOptions): Hono {
  const jobs = new Map<string, { job: Job; done: Promise<void> }>();
  const routes = new Hono();
  routes.onError(failure);

  routes.post("/:id/import", async (context) => {
    const accountId = accountOf(context);
    const database = databases.get(accountId, context.req.param("id"));
    const body = await jsonBody(context, ImportBody);
    switch (body.action) {
      case "init": {
        const filename = `${database.uuid}-${body.etag}.sql`;
        if ((await files.read(database.uuid, filename)) !== undefined) {
          return ok(context, await ingest(accountId, database, filename, body.etag));
        }
        const upload_url = signedUrl(context, await files.allowUpload(database.uuid, filename));
        return ok(context, { success: true, type: "import", messages: [], errors: [], filename, upload_url });
      }
      case "ingest":
        return ok(context, await ingest(accountId, database, body.filename, body.etag));
      case "poll":
        return ok(context, await report(body.current_bookmark));
    }
  });

  routes.post("/:id/export", async (context) => {
    const accountId = accountOf(context);
    const database = databases.get(accountId, context.req.param("id"));
    const { dump_options: options } = await jsonBody(context, ExportBody);
    const sql = await dumpSql(await dataPlane.d1(accountId, database.uuid), options ?? {});
    const filename = `${database.name}-${ctx.ids.hex().slice(0, 8)}.sql`;
    const token = await files.offer(database.uuid, filename, sql);
    return ok(context, {
      success: true,
      type: "export",
      status: "complete",
      at_bookmark: bookmark(),
      messages: [],
      errors: [],
      result: { filename, signed_url: signedUrl(context, token) },
    });
  });

  async function ingest(accountId: string, database: Database, filename: string, etag: string) {
    const sql = await files.read(database.uuid, filename);
    if (sql === undefined) throw malformed(`the file ${filename} was not uploaded`);
    if (etagOf(sql) !== etag) {
      await files.remove(database.uuid, filename);
      throw malformed(`the uploaded file's MD5 ${etagOf(sql)} is not the announced ${etag}`);
    }
    const id = bookmark();
    const entry: { job: Job; done: Promise<void> } = { job: { state: "running" }, done: Promise.resolve() };
    entry.done = run(accountId, database, sql).then(async (job) => {
      entry.job = job;
      await files.remove(database.uuid, filename);
    });
    jobs.set(id, entry);
    return await report(id);
  }

  async function run(accountId: string, database: Database, sql: string): Promise<Job> {
    try {
      const data = await dataPlane.d1(accountId, database.uuid);
      const outcome = await importSql(data, sql);
      await measure(databases, database, data, outcome.queries, outcome.meta["size_after"]);
      return { state: "complete", outcome };
    } catch (error) {
      if (!(error instanceof ApiError)) console.error(error);
      return { state: "error", message: error instanceof Error ? error.message : String(error) };
    }
  }

  async function report(id: string) {
    const entry = jobs.get(id);
    const common = { success: true, type: "import", at_bookmark: id };
    if (!entry) return { ...common, ...failed("D1 reset before import completed!") };
    await Promise.race([entry.done, sleep(PATIENCE)]);
    const { job } = entry;
    if (job.state === "running") return { ...common, messages: ["Processing."], errors: [] };
    if (job.state === "error") return { ...common, ...failed(job.message) };
    const { outcome } = job;
    return {
      ...common,
      status: "complete",
      messages: [`Processed ${outcome.queries.length} queries.`],
      errors: [],
      result: { num_queries: outcome.queries.length, final_bookmark: id, meta: outcome.meta },
    };
  }

  /** D1's bookmarks look like this; only their order has a meaning. */
  function bookmark(): string {
    const time = ctx.clock.now().toString(16).padStart(16, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-00000000-${ctx.ids.hex()}`;
  }
  return routes;
}

const failed = (message: string) => ({ status: "error", error: message, errors: [message], messages: [] });
