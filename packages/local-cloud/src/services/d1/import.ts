import { createHash } from "node:crypto";
import { ApiError } from "../../core/api-error.ts";
import type { D1Data } from "../../core/service.ts";
import { type Query, runQueries, statementsOf } from "./run-query.ts";

/** What an import came to. */
export interface ImportOutcome {
  queries: Query[];
  meta: Record<string, unknown>;
}

/**
 * Runs a whole file in one transaction.
 *
 * @throws {ApiError} 7500 that names the failing statement; the database is as it was before.
 */
export async function importSql(data: D1Data, sql: string): Promise<ImportOutcome> {
  const queries = statementsOf([{ sql }]);
  try {
    const answers = await runQueries(data, queries);
    const sum = (field: string) => answers.reduce((total, { meta }) => total + Number(meta[field] ?? 0), 0);
    const last = answers.at(-1)?.meta ?? {};
    const meta = {
      ...last,
      duration: sum("duration"),
      rows_read: sum("rows_read"),
      rows_written: sum("rows_written"),
      changes: sum("changes"),
      changed_db: answers.some((answer) => answer.meta["changed_db"] === true),
    };
    return { queries, meta };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 7500) throw error;
    const failing = await findFailing(data, queries);
    const statement = queries[failing]?.sql ?? "";
    throw new ApiError(
      400,
      7500,
      `statement ${failing + 1} of ${queries.length}: ${error.message} in: ${shorten(statement)}`,
      {
        cause: error,
      },
    );
  }
}

/** The MD5 of a file, which is its etag. */
export const etagOf = (text: string) => createHash("md5").update(text).digest("hex");

/** A statement that always fails, so that a trial is rolled back. */
const ROLL_BACK = { sql: 'SELECT * FROM "__roll_back_this_trial"' };

/** The number of the first statement that fails, found by halving: each trial is rolled back. */
async function findFailing(data: D1Data, queries: readonly Query[]): Promise<number> {
  let low = 0;
  let high = queries.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await works(data, queries.slice(0, middle + 1))) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function works(data: D1Data, queries: readonly Query[]): Promise<boolean> {
  try {
    await runQueries(data, [...queries, ROLL_BACK]);
    return true;
  } catch (error) {
    return error instanceof Error && error.message.includes("__roll_back_this_trial");
  }
}

const shorten = (sql: string) => (sql.length > 200 ? `${sql.slice(0, 200)}…` : sql);
