import type { D1Answer, D1Data } from "../../core/service.ts";
import { malformed, queryFailed } from "./errors.ts";
import { onlyReads, splitStatements } from "./split-statements.ts";

/** A statement with what its `?` stand for. */
export interface Query {
  sql: string;
  params?: readonly unknown[] | undefined;
}

/** One answer of the REST API. Rows are objects for `query`, columns and arrays for `raw`. */
export interface QueryAnswer<Results> {
  results: Results;
  success: true;
  meta: Record<string, unknown>;
}

/** Rows as `raw` shows them. */
export interface RawResults {
  columns: string[];
  rows: unknown[][];
}

/**
 * The statements of a request. A text may hold several, but then without parameters: nobody could say whose they are.
 *
 * @throws {ApiError} 7400
 */
export function statementsOf(queries: readonly Query[]): Query[] {
  return queries.flatMap(({ sql, params }) => {
    const statements = splitStatements(sql);
    if (statements.length === 0) throw malformed("No SQL statements detected.");
    if (statements.length > 1 && params?.length) throw malformed("parameters need a single statement");
    return statements.map((statement) => ({ sql: statement, params }));
  });
}

/** Runs all statements in one transaction. @throws {ApiError} 7500 with SQLite's message; nothing is kept then. */
export async function runQueries(
  data: D1Data,
  queries: readonly Query[],
): Promise<QueryAnswer<Record<string, unknown>[]>[]> {
  const answers = await asked(() => data.batch(queries.map((query) => prepare(data, query))));
  return answers.map((answer) => ({ results: answer.results, success: true, meta: completeMeta(answer.meta) }));
}

/**
 * Like {@link runQueries}, with rows as arrays. Only statements that read keep columns of the same name apart and
 * name the columns of an empty result; the database's batch does not tell them.
 */
export async function runRaw(data: D1Data, queries: readonly Query[]): Promise<QueryAnswer<RawResults>[]> {
  if (!queries.every(({ sql }) => onlyReads(sql))) {
    const answers = await runQueries(data, queries);
    return answers.map((answer) => ({ ...answer, results: columnsAndRows(answer.results) }));
  }
  const answers: QueryAnswer<RawResults>[] = [];
  for (const query of queries) {
    const [columns = [], ...rows] = await asked(() => prepare(data, query).raw({ columnNames: true }));
    const [answer] = await runQueries(data, [query]);
    answers.push({ results: { columns: columns.map(String), rows }, success: true, meta: answer?.meta ?? {} });
  }
  return answers;
}

function prepare(data: D1Data, { sql, params }: Query) {
  const statement = data.prepare(sql);
  return params?.length ? statement.bind(...params) : statement;
}

function columnsAndRows(rows: readonly Record<string, unknown>[]): RawResults {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, rows: rows.map((row) => columns.map((column) => row[column])) };
}

/** What Cloudflare tells beside what the runtime does. */
function completeMeta(meta: D1Answer["meta"]): Record<string, unknown> {
  const duration = typeof meta["duration"] === "number" ? meta["duration"] : 0;
  return {
    served_by_region: "WEUR",
    served_by_primary: true,
    timings: { sql_duration_ms: duration },
    changes: 0,
    last_row_id: 0,
    changed_db: false,
    size_after: 0,
    rows_read: 0,
    rows_written: 0,
    ...meta,
    served_by: "local-cloud",
    duration,
  };
}

/** Turns the database's refusal into 7500. */
async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const message = sqliteMessage(error);
    throw message === undefined ? error : queryFailed(message, error);
  }
}

/** SQLite's own words in an error of D1, without what the binding puts around them. */
function sqliteMessage(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const found = /D1_(?:[A-Z]+_)?ERROR: ([\s\S]*)$/.exec(text)?.[1];
  return found ?? (/SQLITE_[A-Z]+/.test(text) ? text : undefined);
}
