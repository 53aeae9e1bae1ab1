import type { SQLInputValue } from "node:sqlite";
import * as z from "zod";
import { invalidFilter } from "./errors.ts";

/** What a filter can look at here, as SQL. Numbers of flags are 0 and 1. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: "id",
  created_at: "created_at",
  request_type: "request_type",
  success: "success",
  cached: "cached",
  provider: "provider",
  model: "model",
  model_type: "model_type",
  cost: "cost",
  tokens: "(tokens_in + tokens_out)",
  tokens_in: "tokens_in",
  tokens_out: "tokens_out",
  duration: "duration",
  feedback: "feedback",
};
/** Some entry of the metadata fits: a filter of keys and one of values need not mean the same entry, as at Cloudflare. */
const METADATA: Readonly<Record<string, string>> = {
  "metadata.key": "entry.key",
  "metadata.value": "CAST(entry.value AS TEXT)",
};
const OPERATORS = { eq: "=", neq: "<>", lt: "<", gt: ">" } as const;

const Filter = z.object({
  key: z.enum([...Object.keys(COLUMNS), ...Object.keys(METADATA)], {
    error: `has to be one of ${[...Object.keys(COLUMNS), ...Object.keys(METADATA)].join(", ")}`,
  }),
  operator: z.enum(["eq", "neq", "contains", "lt", "gt"]),
  value: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1),
});
type Filter = z.infer<typeof Filter>;

const flag = z.enum(["true", "false"]).transform((text) => (text === "true" ? 1 : 0));
const number = z.coerce.number();
const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: "custom", message: "is no date, e.g. 2026-11-01T00:00:00Z" });
  return ms;
});

/** What a list of logs can be narrowed by, beside `filters`. */
const Narrowing = z.object({
  search: z.string().optional(),
  start_date: time.optional(),
  end_date: time.optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  model_type: z.string().optional(),
  cached: flag.optional(),
  success: flag.optional(),
  feedback: number.optional(),
  min_cost: number.optional(),
  max_cost: number.optional(),
  min_duration: number.optional(),
  max_duration: number.optional(),
  min_tokens_in: number.optional(),
  max_tokens_in: number.optional(),
  min_tokens_out: number.optional(),
  max_tokens_out: number.optional(),
  min_total_tokens: number.optional(),
  max_total_tokens: number.optional(),
});

/** How many ways a query can narrow down by one column each. */
const COMPARISONS: Readonly<Record<Exclude<keyof z.infer<typeof Narrowing>, "search">, string>> = {
  start_date: "created_at >= ?",
  end_date: "created_at <= ?",
  provider: "provider = ?",
  model: "model = ?",
  model_type: "model_type = ?",
  cached: "cached = ?",
  success: "success = ?",
  feedback: "feedback = ?",
  min_cost: "cost >= ?",
  max_cost: "cost <= ?",
  min_duration: "duration >= ?",
  max_duration: "duration <= ?",
  min_tokens_in: "tokens_in >= ?",
  max_tokens_in: "tokens_in <= ?",
  min_tokens_out: "tokens_out >= ?",
  max_tokens_out: "tokens_out <= ?",
  min_total_tokens: "tokens_in + tokens_out >= ?",
  max_total_tokens: "tokens_in + tokens_out <= ?",
};

/** A condition of SQL over the log's columns. */
export interface LogCondition {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** The condition that a request's query means. @throws {ZodError | ApiError} */
export function logCondition(query: URLSearchParams): LogCondition {
  const { search, ...narrowing } = Narrowing.parse(Object.fromEntries(query));
  const parts: LogCondition[] = readFilters(query).map(filterCondition);
  for (const [name, sql] of Object.entries(COMPARISONS)) {
    const value = (narrowing as Record<string, SQLInputValue | undefined>)[name];
    if (value !== undefined) parts.push({ sql, parameters: [value] });
  }
  if (search)
    parts.push({
      sql: "(instr(coalesce(metadata, ''), ?) > 0 OR instr(model, ?) > 0 OR instr(provider, ?) > 0 OR id = ?)",
      parameters: [search, search, search, search],
    });
  return { sql: parts.map(({ sql }) => ` AND ${sql}`).join(""), parameters: parts.flatMap((part) => part.parameters) };
}

function filterCondition({ key, operator, value }: Filter): LogCondition {
  const entry = METADATA[key];
  const column = entry ?? COLUMNS[key] ?? "NULL";
  const parameters = value.map((one) => (key === "created_at" ? time.parse(String(one)) : asColumn(one, entry)));
  const comparisons = parameters.map((one) => {
    if (operator === "contains") return `instr(${column}, ?) > 0`;
    if (one === null) return `${column} IS ${operator === "neq" ? "NOT " : ""}?`;
    return `${column} ${OPERATORS[operator]} ?`;
  });
  const any = `(${comparisons.join(operator === "neq" ? " AND " : " OR ")})`;
  if (entry === undefined) return { sql: any, parameters };
  return { sql: `EXISTS (SELECT 1 FROM json_each(coalesce(metadata, '{}')) AS entry WHERE ${any})`, parameters };
}

/** JSON's flags are 1 and 0 in SQLite; entries of metadata are compared as text. */
function asColumn(value: string | number | boolean | null, entry: string | undefined): SQLInputValue {
  if (value === null) return null;
  if (entry) return String(typeof value === "boolean" ? Number(value) : value);
  return typeof value === "boolean" ? Number(value) : value;
}

/**
 * Filters come as a list in JSON, or as the official client writes one: `filters.key=…&filters.operator=…&filters.value=…`
 * once each filter. With several filters that has one value each, since the client does not say whose a value is.
 */
function readFilters(query: URLSearchParams): Filter[] {
  const json = query.get("filters");
  if (json !== null) {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      throw invalidFilter("is not JSON");
    }
    return z.object({ filters: z.array(Filter) }).parse({ filters: value }).filters;
  }
  const keys = query.getAll("filters.key");
  const operators = query.getAll("filters.operator");
  const values = query.getAll("filters.value").map(readValue);
  if (keys.length > 1 && values.length !== keys.length)
    throw invalidFilter("give several filters one value each, or send them as one list in JSON");
  const filters = keys.map((key, index) => ({
    key,
    operator: operators[index],
    value: keys.length === 1 ? values : [values[index] ?? null],
  }));
  return z.object({ filters: z.array(Filter) }).parse({ filters }).filters;
}

function readValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && String(Number(text)) === text ? Number(text) : text;
}
