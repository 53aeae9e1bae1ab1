import type { Route, RouteElement } from "../gateway.ts";
import { type ConditionInput, fieldOf, meets } from "./condition.ts";
import type { RoutePath } from "./gateway-call.ts";
import { invalidCall } from "./gateway-error.ts";
import type { RouteCounters } from "./route-counters.ts";

type ModelElement = Extract<RouteElement, { type: "model" }>;
type RateElement = Extract<RouteElement, { type: "rate" | "rate_limit" }>;

/** What a walk needs to decide. */
export interface Walk<Answer> {
  readonly route: Route;
  readonly accountId: string;
  readonly input: ConditionInput;
  readonly counters: RouteCounters;
  /** From 0 up to, but not, 1. */
  random(): number;
  /** Asks a model with its timeout and retries. @throws when no answer began. */
  ask(element: ModelElement): Promise<Answer>;
  /** A budget that the cost of the call counts in, when it is known. */
  charge(add: (cost: number) => void): void;
  /** Filled on the way: it is there also when the walk fails. */
  readonly path: RoutePath;
}

/** More steps than this go in a circle. */
const MOST_STEPS = 100;

/**
 * Walks a dynamic route from its start until a model answers.
 *
 * @throws the last model's error when none answered, or a GatewayError 7003 when the route itself is wrong.
 * @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/
 */
export async function walkRoute<Answer>(walk: Walk<Answer>): Promise<Answer> {
  const { route, path } = walk;
  const elements = new Map(route.elements.map((element) => [element.id, element]));
  let element = route.elements.find(({ type }) => type === "start");
  let failure: unknown;
  let answer: { value: Answer } | undefined;
  for (let steps = 0; element !== undefined; steps++) {
    if (steps >= MOST_STEPS) throw invalidCall(`dynamic route "${route.name}" goes in a circle`);
    let outcome: string;
    switch (element.type) {
      case "end":
        path.push({ element: element.id, type: element.type, outcome: answer ? "answered" : "no answer" });
        if (answer) return answer.value;
        throw failure ?? invalidCall(`dynamic route "${route.name}" ended without asking a model`);
      case "start":
        outcome = "next";
        break;
      case "conditional":
        outcome = String(meets(element.properties.conditions, walk.input));
        break;
      case "percentage":
        outcome = pickShare(Object.keys(element.outputs), walk.random() * 100);
        break;
      case "rate":
      case "rate_limit":
        outcome = passRate(element, walk);
        break;
      case "model":
        // A route that goes on after an answer has it already: the first model that answered is the one.
        if (answer) {
          outcome = "success";
          break;
        }
        try {
          answer = { value: await walk.ask(element) };
          outcome = "success";
        } catch (error) {
          failure = error;
          outcome = "fallback";
        }
    }
    path.push({ element: element.id, type: element.type, outcome });
    const outputs: Readonly<Record<string, { elementId: string }>> = element.outputs;
    const next: string | undefined = outputs[outcome]?.elementId;
    element = next === undefined ? undefined : elements.get(next);
  }
  if (answer) return answer.value;
  throw (
    failure ?? invalidCall(`dynamic route "${route.name}" leads nowhere: its last element names none that is there`)
  );
}

/** The share of 100 that `point` falls into; what no share covers goes to `else`. */
function pickShare(outputs: readonly string[], point: number): string {
  let sum = 0;
  for (const output of outputs) {
    const share = /^(\d+(?:\.\d+)?)%?$/.exec(output)?.[1];
    if (share === undefined) continue;
    sum += Number(share);
    if (point < sum) return output;
  }
  return "else";
}

function passRate<Answer>(element: RateElement, walk: Walk<Answer>): string {
  // Only the documentation has a technique.
  const properties: RateElement["properties"] & { technique?: string } = element.properties;
  const seconds = properties.window;
  const technique = properties.technique === "sliding" ? "sliding" : "fixed";
  const value = properties.key === undefined ? "" : JSON.stringify(fieldOf(walk.input, properties.key) ?? null);
  const key = JSON.stringify([walk.accountId, walk.route.gatewayId, walk.route.id, element.id, value]);
  if (walk.counters.counted(key, seconds, technique) >= properties.limit) return "fallback";
  if (properties.limitType === "cost") walk.charge((cost) => walk.counters.add(key, seconds, cost));
  else walk.counters.add(key, seconds, 1);
  return "success";
}
