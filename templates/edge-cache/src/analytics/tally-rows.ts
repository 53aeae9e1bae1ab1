import { BOUNDS } from "./histogram.ts";

/** What is counted of requests that are alike. */
export interface Counts {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costNano: number;
  savedNano: number;
  /** How many took how long, by `BOUNDS`. */
  readonly times: number[];
}

/** What makes requests alike; `at` is when their step began, in ms. */
export interface Place {
  readonly tenant: string;
  readonly at: number;
  readonly outcome: string;
  readonly model: string;
  readonly code: string;
}

const TIMES = BOUNDS.map((_, bucket) => `h${bucket}`);
const COUNTED = ["requests", "input_tokens", "output_tokens", "cost_nano", "saved_nano", ...TIMES];

/** The columns that are added up, as a list and each as a sum. */
export const COUNTED_COLUMNS = COUNTED.join(", ");
export const SUMMED_COLUMNS = COUNTED.map((column) => `sum(${column}) AS ${column}`).join(", ");
/** What becomes of a row that is there already. */
export const ADDED_COLUMNS = COUNTED.map((column) => `${column} = ${column} + excluded.${column}`).join(", ");

/** A row of sums as D1 has it. */
export type SummedRow = Readonly<Record<string, unknown>>;

export function noCounts(): Counts {
  return { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0, savedNano: 0, times: BOUNDS.map(() => 0) };
}

/** Adds counts to others. */
export function addCounts(to: Counts, more: Counts): void {
  to.requests += more.requests;
  to.inputTokens += more.inputTokens;
  to.outputTokens += more.outputTokens;
  to.costNano += more.costNano;
  to.savedNano += more.savedNano;
  for (const [bucket, count] of more.times.entries()) to.times[bucket] = (to.times[bucket] ?? 0) + count;
}

/** The counts of a row of sums. */
export function countsOf(row: SummedRow): Counts {
  const of = (column: string) => Number(row[column] ?? 0);
  return {
    requests: of("requests"),
    inputTokens: of("input_tokens"),
    outputTokens: of("output_tokens"),
    costNano: of("cost_nano"),
    savedNano: of("saved_nano"),
    times: TIMES.map(of),
  };
}

/** Adds counts of minutes to what the database has of them: in one statement, for D1 counts those of a batch one by one. */
export function insertCounts(
  database: D1Database,
  rows: readonly { readonly place: Place; readonly counts: Counts }[],
): D1PreparedStatement {
  const values = rows.map(({ place, counts }) => {
    const { tenant, at, outcome, model, code } = place;
    const { requests, inputTokens, outputTokens, costNano, savedNano, times } = counts;
    return [tenant, at, outcome, model, code, requests, inputTokens, outputTokens, costNano, savedNano, ...times];
  });
  return database.prepare(INSERT).bind(JSON.stringify(values));
}

const PLACE = ["tenant", "at", "outcome", "model", "code"];
const INSERT = `INSERT INTO tallies (step, ${PLACE.join(", ")}, ${COUNTED_COLUMNS})
  SELECT 60000, ${[...PLACE, ...COUNTED].map((_, place) => `value ->> ${place}`).join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (tenant, step, at, outcome, model, code) DO UPDATE SET ${ADDED_COLUMNS}`;
