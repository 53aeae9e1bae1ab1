import { isObject, isSecret, secret, type Values } from "./values.ts";

/** A place inside properties; `*` means every item or key. */
export type PropertyPath = readonly (string | number)[];

/**
 * Reads `a.b[0].c`, `a["b.c"]`, `a[*].b`, `a.*`.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 */
export function parsePath(text: string): PropertyPath {
  const path: (string | number)[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]/gy;
  let end = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    end = token.lastIndex;
    if (match[1] !== undefined) path.push(match[1]);
    else if (match[2] !== undefined) path.push(Number(match[2]));
    else if (match[3] !== undefined) path.push(match[3].replace(/\\(.)/g, "$1"));
    else path.push("*");
  }
  if (end !== text.length || path.length === 0) throw new Error(`not a property path: ${JSON.stringify(text)}`);
  return path;
}

/** `a.b[0].c` */
export function formatPath(path: PropertyPath): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (/^[\w$-]+$/.test(step) || step === "*") return index === 0 ? step : `.${step}`;
      return `[${JSON.stringify(step)}]`;
    })
    .join("");
}

/** Whether a change at `changed` touches what `pattern` names: either may lie inside the other. */
export function touches(pattern: PropertyPath, changed: PropertyPath): boolean {
  const shared = Math.min(pattern.length, changed.length);
  for (let index = 0; index < shared; index++) {
    if (pattern[index] !== "*" && String(pattern[index]) !== String(changed[index])) return false;
  }
  return true;
}

/**
 * New properties in which everything at `path` is as in `olds`: also absent where it was absent.
 * @throws nothing: a path that leads nowhere changes nothing
 */
export function resetPath(news: Values, olds: Values, path: PropertyPath): Values {
  const result = reset(news, olds, path);
  return isObject(result) ? result : news;
}

function reset(fresh: unknown, old: unknown, path: PropertyPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return old;
  if (isSecret(fresh) || isSecret(old)) {
    const inner = reset(isSecret(fresh) ? fresh.value : fresh, isSecret(old) ? old.value : old, path);
    return inner === undefined ? undefined : secret(inner);
  }
  if (Array.isArray(fresh) || (fresh === undefined && Array.isArray(old))) return resetItems(fresh, old, step, rest);
  if (isObject(fresh)) return resetKeys(fresh, isObject(old) ? old : {}, step, rest);
  return fresh;
}

function resetItems(fresh: unknown, old: unknown, step: string | number, rest: PropertyPath): unknown {
  if (!Array.isArray(fresh)) return fresh;
  const before: readonly unknown[] = Array.isArray(old) ? old : [];
  if (step === "*") {
    if (rest.length === 0) return before;
    return fresh.map((item, index) => (index < before.length ? reset(item, before[index], rest) : item));
  }
  const index = Number(step);
  if (!Number.isInteger(index) || index >= fresh.length) return fresh;
  if (rest.length === 0 && index >= before.length) return fresh.toSpliced(index, 1);
  return fresh.with(index, reset(fresh[index], before[index], rest));
}

function resetKeys(fresh: Values, old: Values, step: string | number, rest: PropertyPath): Values {
  const keys = step === "*" ? [...new Set([...Object.keys(fresh), ...Object.keys(old)])] : [String(step)];
  const result: Values = { ...fresh };
  for (const key of keys) {
    const value = reset(fresh[key], old[key], rest);
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

/** New properties in which everything at `path` is marked secret. */
export function markPath(values: Values, path: PropertyPath): Values {
  const result = mark(values, path);
  return isObject(result) ? result : values;
}

function mark(value: unknown, path: PropertyPath): unknown {
  const [step, ...rest] = path;
  if (value === undefined || isSecret(value)) return value;
  if (step === undefined) return secret(value);
  if (Array.isArray(value)) {
    return value.map((item, index) => (step === "*" || Number(step) === index ? mark(item, rest) : item));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, step === "*" || step === key ? mark(item, rest) : item]),
  );
}
