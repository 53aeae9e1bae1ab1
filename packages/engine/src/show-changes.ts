import type { ShownChange } from "./events.ts";
import type { PropertyChange } from "./property-diff.ts";
import { formatPath, parsePath, touches } from "./property-path.ts";
import { isObject, isSecret, UNKNOWN } from "./values.ts";

const LONGEST = 80;

/**
 * Makes differences ready to be shown: secrets hidden, long texts shortened.
 * @param replaces the property paths that force a replacement
 */
export function showChanges(changes: readonly PropertyChange[], replaces: readonly string[]): ShownChange[] {
  const forcing = replaces.map((path) => parsePath(path));
  return changes.map((change) => ({
    path: formatPath(change.path),
    kind: change.kind,
    replaces: forcing.some((path) => touches(path, change.path)),
    ...(change.kind !== "add" && { old: change.secret ? "[secret]" : showValue(change.old) }),
    ...(change.kind !== "remove" && { new: change.secret ? "[secret]" : showValue(change.new) }),
  }));
}

/** One line, `[secret]` and `[unknown]` in place of what must not or cannot be shown. */
export function showValue(value: unknown): string {
  const text = JSON.stringify(presentable(value)) ?? "undefined";
  const marked = text.replaceAll('"[secret]"', "[secret]").replaceAll('"[unknown]"', "[unknown]");
  return marked.length <= LONGEST ? marked : `${marked.slice(0, LONGEST - 12)}…(${marked.length})`;
}

function presentable(value: unknown): unknown {
  if (isSecret(value)) return "[secret]";
  if (value === UNKNOWN) return "[unknown]";
  if (typeof value === "string" && value.startsWith("exports.handler")) return "[code]";
  if (Array.isArray(value)) return value.map(presentable);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, presentable(item)]));
}
