import { type Fragment, type SqlType, writeCall } from "./functions.ts";
import { SqlError } from "./sql-error.ts";
import { type Token, tokenize } from "./sql-tokens.ts";

/** How rows are written. */
export type Format = "JSON" | "JSONEachRow" | "TabSeparated";

/** A query for SQLite. `dataset` is what it reads, `columns` what it answers. */
export type Translation =
  | { kind: "tables"; format: Format }
  | {
      kind: "select";
      dataset: string;
      sql: string;
      values: (string | number)[];
      columns: { name: string; type: SqlType }[];
      format: Format;
    };

/** What stands in the query where the rows of the dataset come from. */
export const ROWS = "rows_of_dataset";

const COLUMNS: Readonly<Record<string, SqlType>> = {
  timestamp: "DateTime",
  dataset: "String",
  index1: "String",
  _sample_interval: "UInt64",
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`blob${i + 1}`, "String"])),
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`double${i + 1}`, "Float64"])),
};

/** Seconds. A month has no fixed length, so it is refused. */
const UNITS: Readonly<Record<string, number>> = { SECOND: 1, MINUTE: 60, HOUR: 3600, DAY: 86_400, WEEK: 604_800 };

/**
 * Translates a query of Analytics Engine to SQLite. Only what this small grammar knows comes through: every name is
 * looked up, every literal becomes a parameter, so no other table can be reached.
 *
 * @param now ms
 * @throws {SqlError} that names what is not taken.
 * @see https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/
 */
export function translate(sql: string, now: number): Translation {
  return new Parser(sql, now).query();
}

class Parser {
  readonly #sql: string;
  readonly #now: number;
  readonly #tokens: Token[];
  #at = 0;
  readonly #aliases = new Map<string, Fragment>();

  constructor(sql: string, now: number) {
    this.#sql = sql;
    this.#now = now;
    this.#tokens = tokenize(sql);
  }

  query(): Translation {
    if (this.#takes("SHOW")) {
      this.#expect("TABLES");
      return { kind: "tables", format: this.#end() };
    }
    if (!this.#takes("SELECT")) throw this.#unexpected("SELECT or SHOW TABLES");
    const items = this.#list(() => this.#item());
    this.#expect("FROM");
    const dataset = this.#name();
    const parts = items.map(({ fragment, name }) => ({ ...fragment, sql: `${fragment.sql} AS ${quote(name)}` }));
    const clauses: Fragment[] = [];
    const clause = (keyword: string, fragment: Fragment) =>
      clauses.push({ ...fragment, sql: `${keyword} ${fragment.sql}` });
    if (this.#takes("WHERE")) clause("WHERE", this.#expression());
    if (this.#takes("GROUP")) {
      this.#expect("BY");
      clause("GROUP BY", join(this.#list(() => this.#expression())));
    }
    if (this.#takes("HAVING")) clause("HAVING", this.#expression());
    if (this.#takes("ORDER")) {
      this.#expect("BY");
      clause("ORDER BY", join(this.#list(() => this.#ordering())));
    }
    if (this.#takes("LIMIT")) clause("LIMIT", this.#wholeNumber());
    if (this.#takes("OFFSET"))
      clause(clauses.at(-1)?.sql.startsWith("LIMIT") ? "OFFSET" : "LIMIT -1 OFFSET", this.#wholeNumber());
    const format = this.#end();
    const all = [...parts, ...clauses];
    return {
      kind: "select",
      dataset,
      sql: `SELECT ${parts.map((part) => part.sql).join(", ")} FROM ${ROWS} ${clauses.map((one) => one.sql).join(" ")}`,
      values: all.flatMap((fragment) => fragment.values),
      columns: items.map(({ fragment, name }) => ({ name, type: fragment.type })),
      format,
    };
  }

  #item(): { fragment: Fragment; name: string } {
    const { start } = this.#peek();
    if (this.#peek().text === "*") throw new SqlError("SELECT * is not emulated by the local cloud: name the columns");
    const fragment = this.#expression();
    const source = this.#sql.slice(start, this.#tokens[this.#at - 1]?.end).trim();
    if (!this.#takes("AS")) return { fragment, name: source };
    const name = this.#name();
    this.#aliases.set(name, fragment);
    return { fragment, name };
  }

  #ordering(): Fragment {
    const fragment = this.#expression();
    const direction = this.#takes("DESC") ? " DESC" : this.#takes("ASC") ? " ASC" : "";
    return { ...fragment, sql: fragment.sql + direction };
  }

  #expression(): Fragment {
    return this.#chain(["OR"], () => this.#chain(["AND"], () => this.#negation()));
  }

  #negation(): Fragment {
    if (!this.#takes("NOT")) return this.#comparison();
    const operand = this.#negation();
    return { ...operand, sql: `(NOT ${operand.sql})`, type: "UInt64" };
  }

  #comparison(): Fragment {
    const left = this.#sum();
    const operator = ["=", "!=", "<>", "<=", ">=", "<", ">"].find((symbol) => this.#takes(symbol));
    if (operator) return combine(left, operator, asTime(this.#sum(), left));
    const not = this.#takes("NOT") ? "NOT " : "";
    if (this.#takes("IN")) {
      this.#expect("(");
      const choices = join(this.#list(() => asTime(this.#expression(), left)));
      this.#expect(")");
      return combine(left, `${not}IN`, { ...choices, sql: `(${choices.sql})` });
    }
    if (this.#takes("LIKE")) return combine(left, `${not}LIKE`, this.#sum());
    if (this.#takes("BETWEEN")) {
      const low = asTime(this.#sum(), left);
      this.#expect("AND");
      const range = combine(low, "AND", asTime(this.#sum(), left));
      return combine(left, `${not}BETWEEN`, { ...range, sql: range.sql.slice(1, -1) });
    }
    if (not) throw this.#unexpected("IN, LIKE or BETWEEN");
    if (!this.#takes("IS")) return left;
    const absent = this.#takes("NOT") ? "IS NOT" : "IS";
    this.#expect("NULL");
    return { ...left, sql: `(${left.sql} ${absent} NULL)`, type: "UInt64" };
  }

  #sum(): Fragment {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/", "%"], () => this.#primary()));
  }

  /** Operands with operators of one level between them. */
  #chain(operators: readonly string[], operand: () => Fragment): Fragment {
    let left = operand();
    for (;;) {
      const operator = operators.find((symbol) => this.#takes(symbol));
      if (!operator) return left;
      left = combine(left, operator, operand());
    }
  }

  #primary(): Fragment {
    const token = this.#next();
    switch (token.kind) {
      case "number":
        return { sql: "?", values: [Number(token.text)], type: "Float64" };
      case "string":
        return { sql: "?", values: [token.text], type: "String" };
      case "word":
        if (token.text.toUpperCase() === "INTERVAL") return this.#interval();
        return this.#takes("(") ? this.#call(token.text) : this.#column(token.text);
      default:
        break;
    }
    if (token.text === "(") {
      const inner = this.#expression();
      this.#expect(")");
      return { ...inner, sql: `(${inner.sql})` };
    }
    if (token.text === "-") {
      const operand = this.#primary();
      return { ...operand, sql: `(-${operand.sql})` };
    }
    this.#at--;
    throw this.#unexpected("a value");
  }

  #call(name: string): Fragment {
    if (/^count$/i.test(name) && this.#takes("*")) {
      this.#expect(")");
      return writeCall(name, [], this.#now);
    }
    const distinct = this.#takes("DISTINCT");
    if (distinct && !/^count$/i.test(name))
      throw new SqlError(`${name}(DISTINCT …) is not emulated by the local cloud`);
    const parameters = this.#takes(")") ? [] : this.#list(() => this.#expression());
    if (parameters.length > 0) this.#expect(")");
    const [first] = parameters;
    if (distinct && first) return writeCall(name, [{ ...first, sql: `DISTINCT ${first.sql}` }], this.#now);
    return writeCall(name, parameters, this.#now);
  }

  #column(name: string): Fragment {
    if (/^select$/i.test(name)) throw new SqlError("a SELECT inside a SELECT is not emulated by the local cloud");
    const alias = this.#aliases.get(name);
    if (alias) return { sql: quote(name), values: [], type: alias.type };
    const type = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (!type) throw new SqlError(`unable to find type of column: ${name}`);
    return { sql: quote(name), values: [], type };
  }

  #interval(): Fragment {
    const amount = this.#next();
    const unit = this.#next().text.toUpperCase();
    const seconds = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (amount.kind !== "string" || !/^\d+$/.test(amount.text)) throw new SqlError("INTERVAL wants a number in quotes");
    if (!seconds) throw new SqlError(`INTERVAL of ${unit} is not emulated by the local cloud`);
    return { sql: "?", values: [Number(amount.text) * seconds], type: "Interval" };
  }

  #wholeNumber(): Fragment {
    const token = this.#next();
    if (token.kind !== "number" || !/^\d+$/.test(token.text))
      throw new SqlError("LIMIT and OFFSET want a whole number");
    return { sql: "?", values: [Number(token.text)], type: "UInt64" };
  }

  /** A dataset's or alias's name. */
  #name(): string {
    const token = this.#next();
    if (token.kind === "word" || token.kind === "string") return token.text;
    this.#at--;
    throw this.#unexpected("a name");
  }

  #list<Item>(read: () => Item): Item[] {
    const items = [read()];
    while (this.#takes(",")) items.push(read());
    return items;
  }

  #end(): Format {
    let format: Format = "JSON";
    if (this.#takes("FORMAT")) {
      const { text } = this.#next();
      const known = (["JSON", "JSONEachRow", "TabSeparated"] as const).find(
        (one) => one.toLowerCase() === text.toLowerCase(),
      );
      if (!known) throw new SqlError(`FORMAT ${text} is not emulated by the local cloud`);
      format = known;
    }
    this.#takes(";");
    if (this.#peek().kind !== "end") throw this.#unexpected("the end of the query");
    return format;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end", start: 0, end: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  /** Whether this keyword or symbol comes next; then it is passed. */
  #takes(text: string): boolean {
    const token = this.#peek();
    const matches = (token.kind === "word" || token.kind === "symbol") && token.text.toUpperCase() === text;
    if (matches) this.#at++;
    return matches;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(text);
  }

  #unexpected(wanted: string): SqlError {
    const { text, start } = this.#peek();
    return new SqlError(
      `expected ${wanted}, found "${text}" at position ${start}: what follows may not be emulated by the local cloud`,
    );
  }
}

const COMPARES = /^(=|!=|<>|<=|>=|<|>|OR|AND|(NOT )?(IN|LIKE|BETWEEN))$/;

function combine(left: Fragment, operator: string, right: Fragment): Fragment {
  const time = left.type === "DateTime" || right.type === "DateTime";
  const both = left.type === "DateTime" && right.type === "DateTime";
  const type = COMPARES.test(operator) ? "UInt64" : time && !both ? "DateTime" : "Float64";
  const divides = operator === "/" ? "* 1.0 /" : operator;
  return { sql: `(${left.sql} ${divides} ${right.sql})`, values: [...left.values, ...right.values], type };
}

/** A text that is compared with a time is read as a time. */
function asTime(fragment: Fragment, other: Fragment): Fragment {
  if (other.type !== "DateTime" || fragment.type !== "String") return fragment;
  return { ...fragment, sql: `unixepoch(${fragment.sql})`, type: "DateTime" };
}

const join = (fragments: readonly Fragment[]): Fragment => ({
  sql: fragments.map((fragment) => fragment.sql).join(", "),
  values: fragments.flatMap((fragment) => fragment.values),
  type: fragments[0]?.type ?? "Float64",
});

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
