import { unparsableBody } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { Scalar } from "./metadata.ts";

const LOWER = ["$gt", "$gte"] as const;
const UPPER = ["$lt", "$lte"] as const;
const OPERATORS = ["$eq", "$ne", "$in", "$nin", ...LOWER, ...UPPER] as const;
type Operator = (typeof OPERATORS)[number];

/** What a filter says of one property: all tests hold. */
export interface Condition {
  /** A dot leads into an object. */
  readonly propertyName: string;
  readonly tests: readonly {
    readonly operator: Operator;
    readonly value: Scalar | null | readonly (Scalar | null)[];
  }[];
}

/**
 * Reads a filter: all its conditions hold.
 *
 * @throws {ApiError} 40026 when it is not one.
 * @see https://developers.cloudflare.com/vectorize/reference/metadata-filtering/
 */
export function parseFilter(filter: unknown): Condition[] {
  if (!isObject(filter)) throw invalid("expected an object");
  if (Object.keys(filter).length === 0) throw invalid("expected at least one property");
  const bytes = Buffer.byteLength(JSON.stringify(filter));
  if (bytes >= LIMITS.filterBytes)
    throw invalid(`its JSON has to be shorter than ${LIMITS.filterBytes} bytes, got ${bytes}`);
  return readProperties(filter, []);
}

function readProperties(filter: Record<string, unknown>, path: readonly string[]): Condition[] {
  return Object.entries(filter).flatMap(([key, value]) => {
    if (key === "" || key.startsWith("$") || key.includes('"') || key.split(".").includes(""))
      throw invalid(`invalid key ${JSON.stringify(key)}`);
    if (key.length > LIMITS.filterKeyLength) throw invalid(`a key is longer than ${LIMITS.filterKeyLength} characters`);
    const inner = [...path, key];
    const propertyName = inner.join(".");
    if (!isObject(value))
      return [{ propertyName, tests: [{ operator: "$eq" as const, value: scalar(propertyName, value) }] }];
    const operators = Object.keys(value).filter((name) => name.startsWith("$"));
    if (operators.length === 0 && Object.keys(value).length > 0) return readProperties(value, inner);
    return [{ propertyName, tests: readTests(propertyName, value) }];
  });
}

function readTests(propertyName: string, operations: Record<string, unknown>): Condition["tests"] {
  const names = Object.keys(operations);
  const unknown = names.find((name) => !(OPERATORS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw invalid(`${propertyName}: unknown operator ${JSON.stringify(unknown)}; there are ${OPERATORS.join(", ")}`);
  if (names.length === 0) throw invalid(`${propertyName}: expected an operator`);
  const isRange = (group: readonly string[]) => names.some((name) => group.includes(name));
  if (names.length > 2 || (names.length === 2 && !(isRange(LOWER) && isRange(UPPER))))
    throw invalid(
      `${propertyName}: only a lower bound ($gt, $gte) and an upper one ($lt, $lte) stand beside each other`,
    );
  return Object.entries(operations).map(([name, value]) => {
    const operator = name as Operator; // checked above
    return { operator, value: readOperand(propertyName, operator, value) };
  });
}

function readOperand(propertyName: string, operator: Operator, value: unknown): Condition["tests"][number]["value"] {
  if (operator === "$in" || operator === "$nin") {
    if (!Array.isArray(value)) throw invalid(`${propertyName}: ${operator} takes a list`);
    return value.map((one) => scalar(propertyName, one));
  }
  if (operator === "$eq" || operator === "$ne") return scalar(propertyName, value);
  if (typeof value !== "string" && typeof value !== "number")
    throw invalid(`${propertyName}: ${operator} takes a string or a number`);
  return value;
}

function scalar(propertyName: string, value: unknown): Scalar | null {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value as Scalar | null; // just checked
  throw invalid(`${propertyName}: expected a string, a number, a boolean or null`);
}

/**
 * Whether a value meets a condition. Undefined stands for what no metadata index holds: it equals null only, so that
 * `$ne` and `$nin` let it pass.
 */
export function meets(value: Scalar | undefined, { tests }: Condition): boolean {
  return tests.every(({ operator, value: operand }) => {
    const equals = (other: unknown) => (value ?? null) === other;
    switch (operator) {
      case "$eq":
        return equals(operand);
      case "$ne":
        return !equals(operand);
      case "$in":
        return Array.isArray(operand) && operand.some(equals);
      case "$nin":
        return Array.isArray(operand) && !operand.some(equals);
      default:
        return isOrdered(operator, value, operand);
    }
  });
}

/** Strings are in the order of their UTF-8 bytes, which is that of their characters' numbers. */
function isOrdered(operator: Operator, value: unknown, bound: unknown): boolean {
  let order: number;
  if (typeof value === "number" && typeof bound === "number") order = value - bound;
  else if (typeof value === "string" && typeof bound === "string")
    order = Buffer.compare(Buffer.from(value), Buffer.from(bound));
  else return false;
  if (operator === "$lt") return order < 0;
  if (operator === "$lte") return order <= 0;
  return operator === "$gt" ? order > 0 : order >= 0;
}

const invalid = (message: string) => unparsableBody(`filter: ${message}`);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
