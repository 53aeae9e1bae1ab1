import { log } from "@tenner/worker-kit/log";

/** A request that took part in an experiment, as the books have it. */
export interface TrialRecord {
  readonly tenant: string;
  readonly experiment: string;
  readonly variant: string;
  readonly subject: string;
  readonly requestId: string;
  /** `x-cache`, or `error`. */
  readonly outcome: string;
  /** Another model has answered than the one that was asked. */
  readonly fallback: boolean;
  readonly costNano: number;
  readonly savedNano: number;
  /** Until the answer was whole. */
  readonly ms: number;
  /** ms, the stack's clock. */
  readonly at: number;
}

/** Requests of a second are written together: an answer must not wait for the database. */
const GATHERED_MS = 1_000;
/** Rows travel as JSON: a statement takes 100 values, or a text of 2 MB. */
const ROWS_A_TEXT = 2_000;
/** What is held while the database is away; further ones are lost to the figures. */
const MOST_HELD = 10_000;

let gathered: TrialRecord[] = [];
let flushing = false;

/** Writes a request into its experiment's books, within a second. What an isolate dies with is not counted. */
export function recordTrial(env: Env, later: (work: Promise<unknown>) => void, record: TrialRecord): void {
  if (gathered.length < MOST_HELD) gathered.push(record);
  if (flushing) return;
  flushing = true;
  later(
    new Promise((resolve) => setTimeout(resolve, GATHERED_MS)).then(() => {
      flushing = false;
      return writeTrials(env.DB);
    }),
  );
}

/** Writes what was gathered so far. What could not be written is gathered again. */
export async function writeTrials(database: D1Database): Promise<void> {
  const taken = gathered;
  if (taken.length === 0) return;
  gathered = [];
  try {
    await database.batch(
      Array.from({ length: Math.ceil(taken.length / ROWS_A_TEXT) }, (_, part) => {
        const rows = JSON.stringify(taken.slice(part * ROWS_A_TEXT, (part + 1) * ROWS_A_TEXT));
        return [database.prepare(ADD_TO_SUBJECTS).bind(rows), database.prepare(KEEP_REQUESTS).bind(rows)];
      }).flat(),
    );
  } catch (error) {
    log("error", "trials_failed", { message: String(error) });
    gathered = [...taken, ...gathered].slice(0, MOST_HELD);
  }
}

const PAID = "r.value ->> 'outcome' IN ('miss', 'bypass')";
const FAILED = "r.value ->> 'outcome' = 'error'";

const ADD_TO_SUBJECTS = `INSERT INTO experiment_subjects
    (tenant, experiment, variant, subject, requests, errors, hits, misses, fallbacks, cost_nano, saved_nano, ms, updated_at)
  SELECT r.value ->> 'tenant', r.value ->> 'experiment', r.value ->> 'variant', r.value ->> 'subject', count(*),
    sum(${FAILED}), sum(NOT ${FAILED} AND NOT ${PAID}), sum(r.value ->> 'outcome' = 'miss'),
    sum(r.value ->> 'fallback'),
    sum(r.value ->> 'costNano'), sum(r.value ->> 'savedNano'),
    sum(iif(${FAILED}, 0, r.value ->> 'ms')), max(r.value ->> 'at')
  FROM json_each(?1) AS r WHERE true GROUP BY 1, 2, 3, 4
  ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors,
    hits = hits + excluded.hits, misses = misses + excluded.misses, fallbacks = fallbacks + excluded.fallbacks, cost_nano = cost_nano + excluded.cost_nano,
    saved_nano = saved_nano + excluded.saved_nano, ms = ms + excluded.ms, updated_at = excluded.updated_at`;

/** An id is a request's own; a caller that gives the same id to several has the first of them judged. */
const KEEP_REQUESTS = `INSERT INTO experiment_requests (tenant, request_id, experiment, variant, subject, at)
  SELECT r.value ->> 'tenant', r.value ->> 'requestId', r.value ->> 'experiment', r.value ->> 'variant',
    r.value ->> 'subject', r.value ->> 'at'
  FROM json_each(?1) AS r WHERE true ON CONFLICT DO NOTHING`;
