/**
 * Property values as Pulumi's protocol has them: JSON in which a secret is an envelope and an unknown a fixed string.
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
 */
export type Values = Record<string, unknown>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** Stands for a value that is known only after the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that is never shown and never stored in the clear. */
export interface Secret {
  readonly [SIGNATURE]: typeof SECRET;
  readonly value: unknown;
}

/** A secret as it is stored: only its ciphertext. */
export interface SealedSecret {
  readonly [SIGNATURE]: typeof SECRET;
  readonly ciphertext: string;
}

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): value is Secret {
  return isObject(value) && value[SIGNATURE] === SECRET && "value" in value;
}

export function isSealed(value: unknown): value is SealedSecret {
  return isObject(value) && value[SIGNATURE] === SECRET && typeof value["ciphertext"] === "string";
}

/** Marks a value as secret, once. */
export function secret(value: unknown): Secret {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value: reveal(value) };
}

export function sealed(ciphertext: string): SealedSecret {
  return { [SIGNATURE]: SECRET, ciphertext };
}

/** The value without its secret marks; references to resources become their id or URN. */
export function reveal(value: unknown): unknown {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === REFERENCE) return value["id"] ?? value["urn"];
  return mapValues(value, reveal);
}

/** As `reveal`, for a whole set of properties. */
export function revealAll(values: Values): Values {
  return mapValues(values, reveal);
}

export function hasSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isObject(value) && Object.values(value).some(hasSecret);
}

export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Leaves out what is not known yet: properties that hold an unknown anywhere inside. */
export function knownOnly(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !hasUnknown(value)));
}

/** Without `undefined`, which neither protobuf nor JSON can carry. */
export function withoutUndefined(values: Values): Values {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : clean(item)));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, clean(item)]),
    );
  };
  return mapValues(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)), clean);
}

/** Deep equality of JSON values; secret marks count. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  );
}

/** Carries the secret marks of `source` over to the same places of `target`. */
function markLike(target: unknown, source: unknown): unknown {
  if (target === undefined || isSecret(target)) return target;
  if (isSecret(source)) return secret(target);
  if (Array.isArray(source)) {
    if (!Array.isArray(target)) return hasSecret(source) ? secret(target) : target;
    // Items that moved cannot be told apart, so a list of another length is secret as a whole.
    if (target.length !== source.length) return hasSecret(source) ? secret(target) : target;
    return target.map((item, index) => markLike(item, source[index]));
  }
  if (isObject(source)) {
    if (!isObject(target)) return hasSecret(source) ? secret(target) : target;
    return mapValues(target, (value, key) => (Object.hasOwn(source, key) ? markLike(value, source[key]) : value));
  }
  return target;
}

/** As `markLike`, for a whole set of properties. */
export function markAllLike(target: Values, source: Values): Values {
  return mapValues(target, (value, key) => (Object.hasOwn(source, key) ? markLike(value, source[key]) : value));
}

/** Marks whole properties as secret, by name. */
export function markNamed(values: Values, names: readonly string[]): Values {
  if (names.length === 0) return values;
  return mapValues(values, (value, key) => (names.includes(key) && value !== undefined ? secret(value) : value));
}

/** Lays `inputs` over `outputs`: lists and scalars of the inputs win, objects merge. */
export function layOver(outputs: unknown, inputs: unknown): unknown {
  if (isSecret(inputs)) return secret(layOver(reveal(outputs), reveal(inputs)));
  if (isSecret(outputs)) return secret(layOver(reveal(outputs), reveal(inputs)));
  if (!isObject(outputs) || !isObject(inputs)) return inputs === undefined ? outputs : inputs;
  const merged: Values = { ...outputs };
  for (const [key, value] of Object.entries(inputs)) merged[key] = layOver(outputs[key], value);
  return merged;
}

/** Applies a function to each property. */
export function mapValues(values: Values, change: (value: unknown, key: string) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}

/** With keys in order at every depth, as Go writes maps. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
