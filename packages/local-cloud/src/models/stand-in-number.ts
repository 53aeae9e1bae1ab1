import { findNumber } from "./find-by-name.ts";
import { numberIn, type Schema, typesOf } from "./json-schema.ts";

/** The number that the subject gives for a field of this name; else one in the middle of its bounds, or near zero. */
export function numberFor(schema: Schema, name: string, subject: string): number {
  const found = findNumber(name, subject);
  if (found !== undefined && Number.isFinite(found)) return clamp(found, schema);
  const [low, high] = boundsOf(schema);
  if (low !== undefined && high !== undefined && high - low <= 1000) return clamp((low + high) / 2, schema);
  return clamp(/confidence|score|probability|certainty/i.test(name) ? 0.5 : 0, schema);
}

/** The nearest number that bounds, step and type of the schema allow. */
export function clamp(value: number, schema: Schema): number {
  const [low, high] = boundsOf(schema);
  const step = stepOf(schema);
  let result = Math.min(high ?? value, Math.max(low ?? value, value));
  if (step === undefined) return result;
  result = Math.round(result / step) * step;
  if (low !== undefined && result < low) result = Math.ceil(low / step) * step;
  if (high !== undefined && result > high) result = Math.floor(high / step) * step;
  // 3 × 0.1 is 0.30000000000000004
  return Number(result.toPrecision(12));
}

function stepOf(schema: Schema): number | undefined {
  return numberIn(schema, "multipleOf") ?? (typesOf(schema)[0] === "integer" ? 1 : undefined);
}

/** The least and the greatest number allowed. Bounds of safe integers, which zod always writes, are none. */
function boundsOf(schema: Schema): [number | undefined, number | undefined] {
  const nudge = stepOf(schema) ?? 1e-6;
  const above = numberIn(schema, "exclusiveMinimum");
  const below = numberIn(schema, "exclusiveMaximum");
  const low = above === undefined ? numberIn(schema, "minimum") : above + nudge;
  const high = below === undefined ? numberIn(schema, "maximum") : below - nudge;
  return [low === Number.MIN_SAFE_INTEGER ? undefined : low, high === Number.MAX_SAFE_INTEGER ? undefined : high];
}
