import { now } from "@tenner/worker-kit/clock";
import { log } from "@tenner/worker-kit/log";

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
}

interface Sum {
  requests: number;
  costNano: number;
  savedNano: number;
}

/** Requests of a second become one row each: a hit must not wait for the database, nor write a row of its own. */
const GATHERED_MS = 1_000;

let sums = new Map<string, Sum>();
let flushing = false;

/** Counts a request: to Analytics Engine at once, to D1 within a second. What an isolate dies with is not counted. */
export function tally(env: Env, later: (work: Promise<unknown>) => void, request: Tallied): void {
  const { tenant, outcome, model, costNano, savedNano, ms } = request;
  env.METRICS.writeDataPoint({
    indexes: [tenant],
    blobs: [outcome, model],
    doubles: [costNano, savedNano, ms],
  });
  const day = new Date(now(env)).toISOString().slice(0, 10);
  const place = JSON.stringify([tenant, day, outcome]);
  const sum = sums.get(place) ?? { requests: 0, costNano: 0, savedNano: 0 };
  sums.set(place, sum);
  sum.requests++;
  sum.costNano += costNano;
  sum.savedNano += savedNano;
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
  const taken = sums;
  if (taken.size === 0) return;
  sums = new Map();
  const statement = database.prepare(
    `INSERT INTO tallies (tenant, day, outcome, requests, cost_nano, saved_nano) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (tenant, day, outcome) DO UPDATE SET requests = requests + excluded.requests,
       cost_nano = cost_nano + excluded.cost_nano, saved_nano = saved_nano + excluded.saved_nano`,
  );
  try {
    await database.batch(
      [...taken].map(([place, sum]) => {
        const [tenant, day, outcome] = JSON.parse(place) as string[]; // as `tally` wrote it
        return statement.bind(tenant, day, outcome, sum.requests, sum.costNano, sum.savedNano);
      }),
    );
  } catch (error) {
    log("error", "tally_failed", { message: String(error) });
    for (const [place, { requests, costNano, savedNano }] of taken) {
      const sum = sums.get(place) ?? { requests: 0, costNano: 0, savedNano: 0 };
      sums.set(place, sum);
      sum.requests += requests;
      sum.costNano += costNano;
      sum.savedNano += savedNano;
    }
  }
}
