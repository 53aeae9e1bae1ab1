import { invalidCall } from "./gateway-error.ts";

/** What conditions look at: `metadata`, `body`, `headers`, and the request's own fields without a prefix. */
export type ConditionInput = Readonly<Record<string, unknown>>;

type Test = (value: unknown, operand: unknown, input: ConditionInput) => boolean;

/** Comparisons of a field with an operand, by their names in Mongo's language. */
const TESTS: Readonly<Record<string, Test>> = {
  $eq: (value, operand) => same(value, operand),
  $ne: (value, operand) => !same(value, operand),
  $gt: (value, operand) => ordered(value, operand, (sign) => sign > 0),
  $gte: (value, operand) => ordered(value, operand, (sign) => sign >= 0),
  $lt: (value, operand) => ordered(value, operand, (sign) => sign < 0),
  $lte: (value, operand) => ordered(value, operand, (sign) => sign <= 0),
  $in: (value, operand) => list("$in", operand).some((one) => same(value, one)),
  $nin: (value, operand) => !list("$nin", operand).some((one) => same(value, one)),
  $exists: (value, operand) => (value !== undefined) === Boolean(operand),
  $not: (value, operand) => !fits(value, operand),
  $regex: (value, operand) => typeof value === "string" && pattern(operand).test(value),
};

/**
 * Says whether a request fits the conditions of a route's element, e.g. `{"metadata.plan": {"$eq": "free"}}`.
 *
 * @throws {GatewayError} 7003 that names an operator that is not there.
 * @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/json-configuration/
 */
export function meets(conditions: unknown, input: ConditionInput): boolean {
  if (typeof conditions !== "object" || conditions === null || Array.isArray(conditions))
    throw invalidCall("a route's conditions must be an object");
  return Object.entries(conditions).every(([name, operand]) => {
    if (name === "$and") return list(name, operand).every((one) => meets(one, input));
    if (name === "$or") return list(name, operand).some((one) => meets(one, input));
    if (name === "$nor") return !list(name, operand).some((one) => meets(one, input));
    if (name === "$not") return !meets(operand, input);
    if (name.startsWith("$")) throw unknown(name);
    return fits(fieldOf(input, name), operand);
  });
}

/** The fields of `metadata` that conditions name. */
export function metadataNamed(conditions: unknown): string[] {
  if (typeof conditions !== "object" || conditions === null) return [];
  return Object.entries(conditions).flatMap(([name, operand]) => [
    ...(name.startsWith("metadata.") ? [name] : []),
    ...metadataNamed(operand),
  ]);
}

/** The value at a dotted path; a key that itself has dots comes first. */
export function fieldOf(input: unknown, path: string): unknown {
  if (typeof input !== "object" || input === null) return undefined;
  if (Object.hasOwn(input, path)) return (input as ConditionInput)[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(input, head)) continue;
    const found = fieldOf((input as ConditionInput)[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value alone means `$eq`. */
function fits(value: unknown, operand: unknown): boolean {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand)) return same(value, operand);
  return Object.entries(operand).every(([name, wanted]) => {
    const test = TESTS[name];
    if (test === undefined) throw unknown(name);
    return test(value, wanted, {});
  });
}

function same(value: unknown, operand: unknown): boolean {
  if (value === undefined || value === null) return operand === null || operand === undefined;
  if (typeof value === "object" || typeof operand === "object")
    return JSON.stringify(value) === JSON.stringify(operand);
  return value === operand;
}

function ordered(value: unknown, operand: unknown, fit: (sign: number) => boolean): boolean {
  if (typeof value === "number" && typeof operand === "number") return fit(value - operand);
  if (typeof value === "string" && typeof operand === "string")
    return fit(value < operand ? -1 : value > operand ? 1 : 0);
  return false;
}

function list(name: string, operand: unknown): unknown[] {
  if (!Array.isArray(operand)) throw invalidCall(`the operator ${name} of a route's condition wants a list`);
  return operand as unknown[];
}

function pattern(operand: unknown): RegExp {
  try {
    return new RegExp(String(operand));
  } catch {
    throw invalidCall(`$regex of a route's condition is no regular expression: ${String(operand)}`);
  }
}

const unknown = (name: string) => invalidCall(`a route's condition has no operator "${name}"`);
