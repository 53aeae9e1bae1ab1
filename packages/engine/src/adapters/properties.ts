import type { Properties } from "../adapter.ts";

/** A text property the resource cannot be without, e.g. `accountId`. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `property ${name}: text expected, found ${value === undefined ? "nothing" : JSON.stringify(value)}`,
  );
}

/** A text property, where it is there. */
export function optionalText(properties: Properties, name: string): string | undefined {
  return properties[name] === undefined ? undefined : text(properties, name);
}

/** Whether a value is an object with named members: neither a list nor null. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value that is to be an object, empty when it is none. */
export function members(value: unknown): Properties {
  return isObject(value) ? value : {};
}

/** The objects of a list, none when the value is no list. */
export function items(value: unknown): Properties[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Those of the named properties that are there. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );
}

/** `over` laid upon `under`: objects merge, everything else of `over` wins. */
export function merge(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over === undefined ? under : over;
  const merged: Properties = { ...under };
  for (const [name, value] of Object.entries(over)) merged[name] = merge(under[name], value);
  return merged;
}

/** A copy ordered by `name`, as the provider sends bindings and modules. */
export function sortedByName(list: readonly Properties[]): Properties[] {
  return [...list].sort((a, b) => (text(a, "name") < text(b, "name") ? -1 : 1));
}

/** `/accounts/ID` of the resource's account. */
export function accountPath(properties: Properties): string {
  return `/accounts/${encodeURIComponent(text(properties, "accountId"))}`;
}
