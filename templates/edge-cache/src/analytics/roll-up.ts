import { cutoffs, floor, type Keeping, STEPS } from "./period.ts";
import { ADDED_COLUMNS, COUNTED_COLUMNS, SUMMED_COLUMNS } from "./tally-rows.ts";
import { forgetQuestions } from "./top-questions.ts";

/** Longer steps that one run gathers at most: after a long pause the next runs go on. */
const MOST_GATHERED = 24;

/** Gathers old minutes into hours and old hours into days, and forgets what is older than the settings keep. */
export async function rollUp(
  database: D1Database,
  keeping: Keeping & { readonly topQuestions: boolean; readonly questionsKeptDays: number },
  now: number,
): Promise<void> {
  const { minutes, hours, days } = cutoffs(keeping, now);
  await gather(database, STEPS["1m"], STEPS["1h"], minutes);
  await gather(database, STEPS["1h"], STEPS["1d"], hours);
  await database.prepare("DELETE FROM tallies WHERE step = ?1 AND at < ?2").bind(STEPS["1d"], days).run();
  // Once they are not wanted any more, none stays.
  const kept = keeping.topQuestions ? floor(now - keeping.questionsKeptDays * STEPS["1d"], STEPS["1d"]) : now;
  await forgetQuestions(database, kept);
}

/** Moves rows into longer ones in one transaction: whoever reads meanwhile counts each request once. */
async function gather(database: D1Database, short: number, long: number, before: number): Promise<void> {
  const oldest = await database
    .prepare("SELECT min(at) AS at FROM tallies WHERE step = ?1")
    .bind(short)
    .first<number | null>("at");
  if (oldest === null || oldest >= before) return;
  const from = floor(oldest, long);
  const end = Math.min(from + MOST_GATHERED * long, before);
  await database.batch([
    database
      .prepare(
        `INSERT INTO tallies (tenant, step, at, outcome, model, code, ${COUNTED_COLUMNS})
         SELECT tenant, ?2, at - at % ?2, outcome, model, code, ${SUMMED_COLUMNS} FROM tallies
         WHERE step = ?1 AND at >= ?3 AND at < ?4 GROUP BY tenant, at - at % ?2, outcome, model, code
         ON CONFLICT (tenant, step, at, outcome, model, code) DO UPDATE SET ${ADDED_COLUMNS}`,
      )
      .bind(short, long, from, end),
    database.prepare("DELETE FROM tallies WHERE step = ?1 AND at >= ?2 AND at < ?3").bind(short, from, end),
  ]);
}
