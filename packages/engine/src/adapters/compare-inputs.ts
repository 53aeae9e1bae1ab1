import { isDeepStrictEqual } from "node:util";
import type { AdapterDiff, Properties } from "../adapter.ts";
import { isObject } from "./properties.ts";

/** What an adapter says about its properties for a comparison. */
export interface ComparisonRules {
  /** As in `ResourceAdapter.replaceOn`. */
  readonly replaceOn: readonly string[];
  /** Properties that stay as they are when the program no longer sets them. */
  readonly keptWhenLeftOut?: readonly string[];
}

/** Compares the inputs of before with those of now, property by property. */
export function compareInputs(olds: Properties, news: Properties, rules: ComparisonRules): AdapterDiff {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  const changed = names.filter((name) => {
    if (news[name] === undefined && rules.keptWhenLeftOut?.includes(name)) return false;
    return !isDeepStrictEqual(olds[name], news[name]);
  });
  const replace = rules.replaceOn.filter((rule) => {
    const path = rule.replace(/\?$/, "").split(".");
    if (!changed.includes(path[0] ?? "")) return false;
    const now = at(news, path);
    if (rule.endsWith("?") && now === undefined) return false;
    return !isDeepStrictEqual(at(olds, path), now);
  });
  return { changed, replace: replace.map((rule) => rule.replace(/\?$/, "")) };
}

function at(properties: Properties, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), properties);
}
