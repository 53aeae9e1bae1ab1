import type { Period } from "./period.ts";
import { type Counts, countsOf, SUMMED_COLUMNS, type SummedRow } from "./tally-rows.ts";

/** Whose counts: a tenant's, or those of all. */
export type Whose = { readonly tenant: string } | "stack";

/** By what counts are told apart. */
export type Group = "none" | "outcome" | "kind" | "model" | "tenant" | "code";

/** Outcomes that were answered without a call of their own. */
const HITS = "('hit-exact', 'hit-semantic', 'stale', 'coalesced')";

/** Each as SQL; from constants only. */
const NAMES: Readonly<Record<Group, string>> = {
  none: "''",
  outcome: "outcome",
  kind: `CASE WHEN outcome IN ${HITS} THEN 'hit' ELSE outcome END`,
  model: "model",
  tenant: "tenant",
  code: "code",
};

const KINDS = `sum(CASE WHEN outcome IN ${HITS} THEN requests ELSE 0 END) AS hits,
  sum(CASE WHEN outcome = 'miss' THEN requests ELSE 0 END) AS misses,
  sum(CASE WHEN outcome = 'bypass' THEN requests ELSE 0 END) AS bypassed,
  sum(CASE WHEN outcome = 'error' THEN requests ELSE 0 END) AS errors`;

/** What requests under one name came to. */
export interface Told extends Counts {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  readonly bypassed: number;
  readonly errors: number;
}

/** The same of one step. */
export interface Point extends Told {
  readonly at: number;
}

/** Where a page of points ended. */
export interface Cursor {
  readonly at: number;
  readonly name: string;
}

/** Names that are told apart; the others are one. */
const MOST_NAMES = 20;
const OTHERS = "(others)";

/** All of a period, and its `MOST_NAMES` names with the most requests; the rest is called `OTHERS`. */
export async function readTotals(
  database: D1Database,
  whose: Whose,
  { from, to }: Period,
  group: Group,
): Promise<{ readonly total: Told; readonly names: readonly Told[] }> {
  const where = inPeriod(whose, group);
  const owner = ownerOf(whose);
  const [total, names] = await database.batch<SummedRow>([
    database
      .prepare(`SELECT '' AS name, ${KINDS}, ${SUMMED_COLUMNS} FROM tallies WHERE ${inPeriod(whose, "none")}`)
      .bind(from, to, ...owner),
    database
      .prepare(
        `WITH named AS (SELECT *, ${NAMES[group]} AS name FROM tallies WHERE ${where}),
           ranked AS (SELECT name, row_number() OVER (ORDER BY sum(requests) DESC, name) AS place FROM named GROUP BY name)
         SELECT CASE WHEN place <= ${MOST_NAMES} THEN name ELSE '${OTHERS}' END AS name, ${KINDS}, ${SUMMED_COLUMNS}
         FROM named JOIN ranked USING (name) GROUP BY 1 ORDER BY min(place)`,
      )
      .bind(from, to, ...owner),
  ]);
  return { total: toldOf(total?.results[0] ?? {}), names: (names?.results ?? []).map(toldOf) };
}

/** Points in the order of time and name; steps without any request are left out. One more than `limit` may come. */
export async function readPoints(
  database: D1Database,
  whose: Whose,
  { from, to, step }: Period,
  options: { group: Group; names: readonly string[]; after: Cursor | null; limit: number },
): Promise<Point[]> {
  const { group, names, after, limit } = options;
  const told = JSON.stringify(names.filter((name) => name !== OTHERS));
  const { results } = await database
    .prepare(
      `WITH named AS (
         SELECT at - at % ?3 AS begun, *,
           CASE WHEN ${NAMES[group]} IN (SELECT value FROM json_each(?4)) THEN ${NAMES[group]} ELSE '${OTHERS}' END AS name
         FROM tallies WHERE ${inPeriod(whose, group, 8)}
       )
       SELECT begun, name, ${KINDS}, ${SUMMED_COLUMNS} FROM named
       WHERE (begun, name) > (?5, ?6) GROUP BY begun, name ORDER BY begun, name LIMIT ?7`,
    )
    // What is before the cursor's step need not be read again.
    .bind(
      Math.max(from, after?.at ?? from),
      to,
      step,
      told,
      after?.at ?? -1,
      after?.name ?? "",
      limit + 1,
      ...ownerOf(whose),
    )
    .all<SummedRow>();
  return results.map((row) => ({ ...toldOf(row), at: Number(row["begun"]) }));
}

/** Requests that are alike in everything, of one step. */
export interface Detail extends Counts {
  readonly at: number;
  readonly tenant: string;
  readonly outcome: string;
  readonly model: string;
  readonly code: string;
}

/** Everything that is known of a period, some steps at a time. */
export async function* readDetails(
  database: D1Database,
  whose: Whose,
  { from, to, step }: Period,
): AsyncGenerator<readonly Detail[], void, undefined> {
  const span = STEPS_AT_ONCE * step;
  const statement = database.prepare(
    `SELECT at - at % ?3 AS begun, tenant, outcome, model, code, ${SUMMED_COLUMNS} FROM tallies
     WHERE ${inPeriod(whose, "none", 4)} GROUP BY begun, tenant, outcome, model, code
     ORDER BY begun, tenant, outcome, model, code`,
  );
  for (let start = from; start < to; start += span) {
    const { results } = await statement
      .bind(start, Math.min(to, start + span), step, ...ownerOf(whose))
      .all<SummedRow>();
    yield results.map((row) => ({
      ...countsOf(row),
      at: Number(row["begun"]),
      tenant: textOf(row["tenant"]),
      outcome: textOf(row["outcome"]),
      model: textOf(row["model"]),
      code: textOf(row["code"]),
    }));
  }
}

/** Steps whose rows are held at the same time. */
const STEPS_AT_ONCE = 60;

/** The rows of a period (?1 to ?2), of one tenant where only that may be seen. Every length of step is one to look in. */
function inPeriod(whose: Whose, group: Group, ownerPlace = 3): string {
  const owner = whose === "stack" ? "" : ` AND tenant = ?${ownerPlace}`;
  // Only an error has a code.
  const coded = group === "code" ? " AND code <> ''" : "";
  return `step IN (60000, 3600000, 86400000) AND at >= ?1 AND at < ?2${owner}${coded}`;
}

function ownerOf(whose: Whose): readonly string[] {
  return whose === "stack" ? [] : [whose.tenant];
}

function toldOf(row: SummedRow): Told {
  const of = (column: string) => Number(row[column] ?? 0);
  return {
    ...countsOf(row),
    name: textOf(row["name"]),
    hits: of("hits"),
    misses: of("misses"),
    bypassed: of("bypassed"),
    errors: of("errors"),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
