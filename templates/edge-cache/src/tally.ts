import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";
import { bucketOf } from "./analytics/histogram.ts";
import { floor, STEPS } from "./analytics/period.ts";
import { addCounts, type Counts, insertCounts, noCounts, type Place } from "./analytics/tally-rows.ts";
import { type NotedQuestion, noteQuestion, writeQuestions } from "./analytics/top-questions.ts";

/** One request as the books have it. */
export interface Tallied {
  readonly tenant: string;
  /** `x-cache`, or `error`. */
  readonly outcome: string;
  readonly model: string;
  readonly costNano: number;
  readonly savedNano: number;
  /** Milliseconds until the answer was whole. */
  readonly ms: number;
  /** Tokens that were paid for. @default 0 */
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Of an error. */
  readonly code?: string | undefined;
  /** What was asked, of a hit whose tenant's settings want it counted. */
  readonly question?: NotedQuestion | undefined;
}

/** Requests of a second become one row each: a hit must not wait for the database, nor write a row of its own. */
const GATHERED_MS = 1_000;

/** Rows of one statement: a tenant that brings many names must not make it too long. */
const MOST_ROWS = 200;

let sums = new Map<string, Counts>();
let flushing = false;

/** Counts a request: to Analytics Engine at once, to D1 within a second. What an isolate dies with is not counted. */
export function tally(env: Env, later: (work: Promise<unknown>) => void, request: Tallied): void {
  const { tenant, outcome, model, costNano, savedNano, ms, inputTokens = 0, outputTokens = 0, code = "" } = request;
  env.METRICS.writeDataPoint({
    indexes: [tenant],
    blobs: [outcome, model, code],
    doubles: [costNano, savedNano, ms, inputTokens, outputTokens],
  });
  const at = now(env);
  const counts = noCounts();
  Object.assign(counts, { requests: 1, inputTokens, outputTokens, costNano, savedNano });
  counts.times[bucketOf(ms)] = 1;
  add({ tenant, at: floor(at, STEPS["1m"]), outcome, model, code }, counts);
  if (request.question) noteQuestion({ tenant, day: floor(at, STEPS["1d"]), savedNano, ...request.question });
  if (flushing) return;
  flushing = true;
  later(
    new Promise((resolve) => setTimeout(resolve, GATHERED_MS)).then(() => {
      flushing = false;
      return writeTallies(env.DB);
    }),
  );
}

/** Writes what was counted so far. What could not be written is counted on. */
export async function writeTallies(database: D1Database): Promise<void> {
  const taken = [...sums];
  sums = new Map();
  for (let start = 0; start < taken.length; start += MOST_ROWS) {
    const part = taken.slice(start, start + MOST_ROWS).map(([place, counts]) => ({ place: placeOf(place), counts }));
    try {
      await insertCounts(database, part).run();
    } catch (error) {
      log("error", "tally_failed", { message: String(error) });
      for (const { place, counts } of part) add(place, counts);
    }
  }
  await writeQuestions(database);
}

function add(place: Place, counts: Counts): void {
  const { tenant, at, outcome, model, code } = place;
  const name = JSON.stringify([tenant, at, outcome, model, code]);
  const sum = sums.get(name);
  if (sum) addCounts(sum, counts);
  else sums.set(name, counts);
}

function placeOf(name: string): Place {
  const [tenant, at, outcome, model, code] = JSON.parse(name) as [string, number, string, string, string]; // by `add`
  return { tenant, at, outcome, model, code };
}
