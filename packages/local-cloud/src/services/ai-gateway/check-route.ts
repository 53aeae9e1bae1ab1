import type { RouteProblem } from "./errors.ts";
import type { Output, RouteElement } from "./gateway.ts";

/** Operators of a condition, as the gateway evaluates them. */
const COMPARISONS = new Set(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex"]);
const COMBINATIONS = new Set(["$and", "$or", "$nor"]);
const LISTS = new Set(["$in", "$nin"]);
const MAX_PERCENTAGES = 5;

/**
 * Everything that is wrong with a route's graph: nothing, when every call that enters it comes to an end.
 *
 * @param knows whether a provider has a model.
 */
export function checkRoute(
  elements: readonly RouteElement[],
  knows: (provider: string, model: string) => boolean,
): RouteProblem[] {
  const problems = [...checkIds(elements), ...elements.flatMap((element) => checkElement(element, knows))];
  // A graph with wrong ids has no ways to follow.
  return problems.length > 0 ? problems : checkWays(elements);
}

function checkIds(elements: readonly RouteElement[]): RouteProblem[] {
  const problems: string[] = [];
  const ids = elements.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index)))
    problems.push(`two elements have the id "${id}"`);
  const starts = elements.filter(({ type }) => type === "start").length;
  if (starts !== 1) problems.push(`a route has exactly one start, this one has ${starts}`);
  if (!elements.some(({ type }) => type === "end")) problems.push("the route has no end");
  for (const { id, outputs } of elements)
    for (const [name, { elementId }] of entries(outputs))
      if (!ids.includes(elementId))
        problems.push(`element "${id}": its output "${name}" leads to "${elementId}", which is not there`);
  return problems.map((message) => ({ message }));
}

function checkElement(element: RouteElement, knows: (provider: string, model: string) => boolean): RouteProblem[] {
  const problem = (message: string) => ({ message: `element "${element.id}": ${message}` });
  if (element.type === "percentage") return checkPercentages(Object.keys(element.outputs)).map(problem);
  if (element.type === "conditional") return checkCondition(element.properties.conditions).map(problem);
  if (element.type === "model") {
    const { provider, model } = element.properties;
    if (!knows(provider, model)) return [{ ...problem(`provider "${provider}" has no model "${model}"`), model: true }];
  }
  return [];
}

function checkPercentages(names: readonly string[]): string[] {
  const percentages = names.filter((name) => name !== "else");
  const wrong = percentages.filter((name) => !/^\d+(\.\d+)?%$/.test(name) || Number.parseFloat(name) <= 0);
  if (wrong.length > 0) return wrong.map((name) => `its output "${name}" is no percentage, e.g. "10%", and not "else"`);
  if (percentages.length === 0) return ['it has no output with a percentage, e.g. "10%"'];
  if (percentages.length > MAX_PERCENTAGES)
    return [`it has ${percentages.length} percentages, and at most ${MAX_PERCENTAGES} are allowed`];
  const sum = percentages.reduce((total, name) => total + Number.parseFloat(name), 0);
  if (sum > 100 + 1e-9) return [`its percentages add up to ${sum}, more than 100`];
  if (sum < 100 - 1e-9 && !names.includes("else"))
    return [`its percentages add up to ${sum}, and there is no "else" for the rest`];
  return [];
}

function checkCondition(condition: unknown): string[] {
  if (!isObject(condition)) return ["a condition is an object of fields"];
  return Object.entries(condition).flatMap(([field, expected]) => {
    if (COMBINATIONS.has(field))
      return Array.isArray(expected) ? expected.flatMap(checkCondition) : [`${field} wants a list of conditions`];
    if (field === "$not") return checkCondition(expected);
    if (field.startsWith("$")) return [`the operator "${field}" is not known here`];
    return checkComparison(field, expected);
  });
}

function checkComparison(field: string, expected: unknown): string[] {
  if (!isObject(expected)) return [];
  return Object.entries(expected).flatMap(([operator, value]) => {
    if (operator === "$not") return checkComparison(field, value);
    if (!COMPARISONS.has(operator)) return [`"${field}": the operator "${operator}" is not known`];
    return LISTS.has(operator) && !Array.isArray(value) ? [`"${field}": ${operator} wants a list`] : [];
  });
}

/** No way goes in circles, and every element is on one. */
function checkWays(elements: readonly RouteElement[]): RouteProblem[] {
  const byId = new Map(elements.map((element) => [element.id, element]));
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) {
      circles.push(`the way ${[...path.slice(path.indexOf(id)), id].join(" → ")} goes in a circle`);
      return;
    }
    if (done.has(id)) return;
    for (const [, { elementId }] of entries(byId.get(id)?.outputs ?? {})) follow(elementId, [...path, id]);
    done.add(id);
  };
  follow(elements.find(({ type }) => type === "start")?.id ?? "", []);
  const lost = elements.filter(({ id }) => !done.has(id)).map(({ id }) => `no way leads to the element "${id}"`);
  return [...new Set([...circles, ...lost])].map((message) => ({ message }));
}

function entries(outputs: Readonly<Record<string, Output>>): [string, Output][] {
  return Object.entries(outputs);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
