import type { Properties } from "../adapter.ts";
import { isObject } from "./properties.ts";

/**
 * What the program would have to say for the resource to be as the API has it now, so that the next update sees the
 * drift. Only what the program does say is looked at: the API's own defaults are not drift.
 * @param observed the API's answer in camelCase; `null` there means unset, a missing property means not said
 */
export function observedInputs(inputs: Properties, observed: Properties): Properties {
  const result: Properties = {};
  for (const [name, said] of Object.entries(inputs)) {
    const seen = observed[name];
    if (seen === undefined) result[name] = said;
    else if (seen !== null) result[name] = observedValue(said, seen);
  }
  return result;
}

function observedValue(said: unknown, seen: unknown): unknown {
  if (isObject(said) && isObject(seen)) return observedInputs(said, seen);
  if (Array.isArray(said) && Array.isArray(seen) && said.length === seen.length) {
    return said.map((item, index) => observedValue(item, seen[index]));
  }
  return seen;
}
