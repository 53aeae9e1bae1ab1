import type { Properties } from "../adapter.ts";
import { isObject, items, sortedByName } from "./properties.ts";
import { fromWire, toWire, type WireNames } from "./wire-names.ts";

/** Names that scripts and versions have in common. */
export const scriptNames: WireNames = {
  renamed: {
    headers: "_headers",
    redirects: "_redirects",
    workersMessage: "workers/message",
    workersTag: "workers/tag",
    workersTriggeredBy: "workers/triggered_by",
  },
  opaque: ["json"],
};

/** Inputs for a comparison: the order of bindings and flags says nothing. */
export function comparable(inputs: Properties): Properties {
  const { bindings, compatibilityFlags } = inputs;
  return {
    ...inputs,
    ...(Array.isArray(bindings) && { bindings: sortedByName(items(bindings)) }),
    ...(Array.isArray(compatibilityFlags) && { compatibilityFlags: compatibilityFlags.map(String).sort() }),
  };
}

/** Bindings as they are sent: ordered by name, a `json` binding's text as the value it stands for. */
export function bindingsToWire(bindings: unknown): unknown {
  if (!Array.isArray(bindings)) return undefined;
  const parsed = items(bindings).map((binding) =>
    typeof binding.json === "string" ? { ...binding, json: JSON.parse(binding.json) } : binding,
  );
  return toWire(sortedByName(parsed), scriptNames);
}

/**
 * The bindings the program would have to say for what the API has: in the program's order, secrets by name only, since
 * the API does not tell them; secrets the program does not know (`wrangler secret put`) are left alone.
 */
export function observedBindings(said: unknown, answered: unknown): Properties[] {
  const seen = new Map(
    items(fromWire(answered, scriptNames)).map((binding) => [
      binding.name,
      isObject(binding.json) || Array.isArray(binding.json)
        ? { ...binding, json: JSON.stringify(binding.json) }
        : binding,
    ]),
  );
  const known = items(said).flatMap((binding) => {
    const now = seen.get(binding.name);
    seen.delete(binding.name);
    if (!now) return [];
    return now.type === binding.type ? [observedBinding(binding, now)] : [now];
  });
  const added = [...seen.values()].filter(({ type }) => type !== "secret_text" && type !== "secret_key");
  return [...known, ...added];
}

/** Members the API does not repeat, or writes its own way, stay as they were said. */
function observedBinding(said: Properties, now: Properties): Properties {
  return Object.fromEntries(
    Object.entries(said).map(([name, value]) => {
      const seen = now[name];
      const sameJson = name === "json" && typeof value === "string" && sameJsonText(value, seen);
      return [name, seen === undefined || seen === null || sameJson ? value : seen];
    }),
  );
}

function sameJsonText(said: string, seen: unknown): boolean {
  return typeof seen === "string" && canonical(JSON.parse(said)) === canonical(JSON.parse(seen));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
