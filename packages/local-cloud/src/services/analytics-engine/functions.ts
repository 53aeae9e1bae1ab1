import { SqlError } from "./sql-error.ts";

/** What a value is, in Analytics Engine's words. A DateTime is seconds since 1970 here. */
export type SqlType = "DateTime" | "Float64" | "UInt64" | "String" | "Interval";

/** A piece of SQLite SQL with its type. `values` stand for its `?`, in order. */
export interface Fragment {
  sql: string;
  values: (string | number)[];
  type: SqlType;
}

interface SqlFunction {
  /** How many arguments, at least and at most. */
  arity: [number, number];
  write(parameters: readonly Fragment[], now: number): Fragment;
}

/** Puts pieces into a template, where `$1` is the first piece. */
function fill(type: SqlType, template: string, ...pieces: readonly Fragment[]): Fragment {
  const values: (string | number)[] = [];
  const sql = template.replace(/\$(\d)/g, (_, number) => {
    const piece = pieces[Number(number) - 1];
    if (!piece) throw new SqlError("too few arguments");
    values.push(...piece.values);
    return piece.sql;
  });
  return { sql, values, type };
}

const one = (type: SqlType, template: string): SqlFunction => ({
  arity: [1, 1],
  write: ([a]) => fill(type, template, ...list(a)),
});
const two = (type: SqlType, template: string): SqlFunction => ({
  arity: [2, 2],
  write: (parameters) => fill(type, template, ...parameters),
});
const same = (template: string): SqlFunction => ({
  arity: [1, 1],
  write: ([a]) => fill(a?.type ?? "Float64", template, ...list(a)),
});
const list = (fragment: Fragment | undefined) => (fragment ? [fragment] : []);

/**
 * The functions that are emulated, by name in lower case. All others are refused by name.
 *
 * @see https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/
 */
const FUNCTIONS: Readonly<Record<string, SqlFunction>> = {
  count: {
    arity: [0, 1],
    write: ([a]) => (a ? fill("UInt64", "count($1)", a) : { sql: "count(*)", values: [], type: "UInt64" }),
  },
  sum: one("Float64", "total($1)"),
  avg: one("Float64", "avg($1)"),
  min: same("min($1)"),
  max: same("max($1)"),
  countif: one("UInt64", "count(CASE WHEN $1 THEN 1 END)"),
  sumif: two("Float64", "total(CASE WHEN $2 THEN $1 END)"),
  avgif: two("Float64", "avg(CASE WHEN $2 THEN $1 END)"),
  if: {
    arity: [3, 3],
    write: (parameters) => fill(parameters[1]?.type ?? "Float64", "CASE WHEN $1 THEN $2 ELSE $3 END", ...parameters),
  },
  now: { arity: [0, 0], write: (_, now) => ({ sql: "?", values: [Math.floor(now / 1000)], type: "DateTime" }) },
  todatetime: {
    arity: [1, 1],
    write: ([a]) => fill("DateTime", a?.type === "String" ? "unixepoch($1)" : "CAST($1 AS INTEGER)", ...list(a)),
  },
  tounixtimestamp: one("UInt64", "CAST($1 AS INTEGER)"),
  tostartofinterval: {
    arity: [2, 2],
    write(parameters) {
      if (parameters[1]?.type !== "Interval")
        throw new SqlError("toStartOfInterval wants an INTERVAL as its second argument");
      return fill("DateTime", "($1 - $1 % $2)", ...parameters);
    },
  },
  toyyyymmdd: one("UInt64", "CAST(strftime('%Y%m%d', $1, 'unixepoch') AS INTEGER)"),
  tohour: one("UInt64", "CAST(strftime('%H', $1, 'unixepoch') AS INTEGER)"),
  touint32: one("UInt64", "CAST($1 AS INTEGER)"),
  intdiv: two("UInt64", "CAST($1 / $2 AS INTEGER)"),
  round: {
    arity: [1, 2],
    write: (parameters) => fill("Float64", parameters.length === 1 ? "round($1)" : "round($1, $2)", ...parameters),
  },
  floor: one("Float64", "floor($1)"),
  ceil: one("Float64", "ceil($1)"),
  length: one("UInt64", "length($1)"),
  lower: one("String", "lower($1)"),
  upper: one("String", "upper($1)"),
  position: two("UInt64", "instr($1, $2)"),
  startswith: two("UInt64", "(substr($1, 1, length($2)) = $2)"),
  endswith: two("UInt64", "(substr($1, -length($2)) = $2)"),
  substring: {
    arity: [2, 3],
    write: (parameters) =>
      fill("String", parameters.length === 2 ? "substr($1, $2)" : "substr($1, $2, $3)", ...parameters),
  },
  concat: {
    arity: [2, 9],
    write: (parameters) => fill("String", `(${parameters.map((_, i) => `$${i + 1}`).join(" || ")})`, ...parameters),
  },
};

/** Writes a call. `now` in ms. @throws {SqlError} for a function that is not emulated. */
export function writeCall(name: string, parameters: readonly Fragment[], now: number): Fragment {
  const found = Object.hasOwn(FUNCTIONS, name.toLowerCase()) ? FUNCTIONS[name.toLowerCase()] : undefined;
  if (!found) throw new SqlError(`function ${name} is not emulated by the local cloud`);
  const [least, most] = found.arity;
  if (parameters.length < least || parameters.length > most) {
    throw new SqlError(`function ${name} does not take ${parameters.length} arguments`);
  }
  return found.write(parameters, now);
}
