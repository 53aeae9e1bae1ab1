import { formatPath, type PropertyPath, parsePath, touches } from "./property-path.ts";
import { hasUnknown, isObject, isSecret, reveal, UNKNOWN, type Values } from "./values.ts";

/** One difference between old and new properties; secret values are marked and must not be shown. */
export interface PropertyChange {
  readonly path: PropertyPath;
  readonly kind: "add" | "change" | "remove";
  readonly old?: unknown;
  readonly new?: unknown;
  readonly secret: boolean;
}

/** Compares deeply, with secrets revealed; an unknown differs from everything. */
export function diffProperties(olds: Values, news: Values): PropertyChange[] {
  return [...compareKeys(olds, news, [], false)];
}

function* compare(old: unknown, fresh: unknown, path: PropertyPath, hidden: boolean): Generator<PropertyChange> {
  if (isSecret(old) || isSecret(fresh)) {
    // A secret is compared as a whole, so that no part of it is ever named.
    if (reveal(fresh) === UNKNOWN || !equal(reveal(old), reveal(fresh))) {
      yield change(old, fresh, path, true);
    }
    return;
  }
  if (Array.isArray(old) && Array.isArray(fresh)) {
    for (let index = 0; index < Math.max(old.length, fresh.length); index++) {
      yield* compare(old[index], fresh[index], [...path, index], hidden);
    }
    return;
  }
  if (isObject(old) && isObject(fresh)) {
    yield* compareKeys(old, fresh, path, hidden);
    return;
  }
  if (old !== fresh || fresh === UNKNOWN) {
    // null and a missing property are the same to the provider.
    if ((old ?? undefined) === undefined && (fresh ?? undefined) === undefined) return;
    yield change(old, fresh, path, hidden);
  }
}

function* compareKeys(old: Values, fresh: Values, path: PropertyPath, hidden: boolean): Generator<PropertyChange> {
  for (const key of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    yield* compare(old[key], fresh[key], [...path, key], hidden);
  }
}

function change(old: unknown, fresh: unknown, path: PropertyPath, hidden: boolean): PropertyChange {
  const isSecretValue = hidden || isSecret(old) || isSecret(fresh);
  if ((old ?? undefined) === undefined) return { path, kind: "add", new: fresh, secret: isSecretValue };
  if ((fresh ?? undefined) === undefined) return { path, kind: "remove", old, secret: isSecretValue };
  return { path, kind: "change", old, new: fresh, secret: isSecretValue };
}

function equal(left: unknown, right: unknown): boolean {
  if (hasUnknown(right)) return false;
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equal(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => equal(left[key] ?? undefined, right[key] ?? undefined));
  }
  return (left ?? undefined) === (right ?? undefined);
}

/**
 * Which of the patterns a set of changes meets, e.g. an adapter's `replaceOn` or the program's `replaceOnChanges`.
 * A pattern that ends in `?` counts only while the new value is there.
 */
export function changesThatMatch(changes: readonly PropertyChange[], patterns: readonly string[]): string[] {
  const matched = new Set<string>();
  for (const pattern of patterns) {
    const onlyIfSet = pattern.endsWith("?");
    const path = parsePath(onlyIfSet ? pattern.slice(0, -1) : pattern);
    for (const one of changes) {
      if (touches(path, one.path) && !(onlyIfSet && one.kind === "remove")) matched.add(formatPath(one.path));
    }
  }
  return [...matched];
}
