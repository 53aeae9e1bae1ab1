import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { ModelUsage } from "../../../models/inference.ts";
import type { Gateway, GatewayState } from "../gateway.ts";
import type { CustomCost } from "./call-options.ts";
import type { GatewayCall, RoutePath, Step } from "./gateway-call.ts";
import { logId } from "./log-id.ts";

/** How a call went. */
interface CallOutcome {
  readonly statusCode: number;
  readonly success: boolean;
  readonly cached: boolean;
  readonly provider: string;
  readonly model: string;
  /** Number of the step that answered, from 0. */
  readonly step: number;
  readonly response: string | null;
}

/** Counts what one call uses, and logs it once when it has ended. */
export interface CallMeter {
  /** UUIDv7: the id of its log. */
  readonly id: string;
  readonly eventId: string;
  readonly requestId: string;
  /** Whether the call shows in the logs. */
  readonly collected: boolean;
  readonly path: RoutePath;
  add(usage: ModelUsage): void;
  /** Tells `add` the cost, in US dollars, when the call has ended. */
  charge(add: (cost: number) => void): void;
  finish(outcome: CallOutcome): void;
}

/** Characters of a request or an answer that a log keeps. */
export const MAX_PAYLOAD = 256 * 1024;

/** What {@link callMeter} needs. */
export interface MeterOptions {
  readonly state: GatewayState;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A meter for one call that begins now. The provider's keys are not in what it keeps: only bodies are. */
export function callMeter({ state, clock, ids }: MeterOptions, call: GatewayCall, gateway: Gateway): CallMeter {
  const createdAt = clock.now();
  const { options } = call.steps[0];
  const id = logId(createdAt, ids.uuid());
  const collected = options.collectLog ?? gateway.collect_logs;
  const path: RoutePath = [];
  const budgets: ((cost: number) => void)[] = [];
  let tokensIn = 0;
  let tokensOut = 0;
  let listCost = 0;
  let billed: Pick<ModelUsage, "provider" | "model"> | undefined;
  let finished = false;
  return {
    id,
    eventId: options.eventId ?? id,
    requestId: ids.uuid(),
    collected,
    path,
    add(usage) {
      billed = usage;
      tokensIn += usage.inputTokens;
      tokensOut += usage.outputTokens;
      listCost += usage.cost;
    },
    charge: (add) => void budgets.push(add),
    finish({ response, ...outcome }) {
      if (finished) return;
      finished = true;
      const step = call.steps[outcome.step] ?? call.steps[0];
      const custom = outcome.cached || !outcome.success ? undefined : step.options.customCost;
      const cost = custom === undefined ? listCost : costOf(custom, tokensIn, tokensOut);
      for (const add of budgets) add(cost);
      state.record(
        {
          id,
          accountId: call.accountId,
          gatewayId: gateway.id,
          createdAt,
          ...outcome,
          // A call that failed after a model had worked is that model's, whatever route asked it.
          ...(!outcome.success && billed && { provider: billed.provider, model: billed.model }),
          modelType: modelTypeOf(step.endpoint),
          path: step.endpoint,
          duration: Math.max(0, Math.round(clock.now() - createdAt)),
          tokensIn,
          tokensOut,
          cost,
          customCost: custom !== undefined,
          metadata: options.metadata ?? null,
          requestType: call.steps.length > 1 ? "universal" : modelTypeOf(step.endpoint),
          requestModel: requestModelOf(step, outcome.model),
          routePath: path,
          request: collected ? (step.text ?? JSON.stringify(step.query) ?? "").slice(0, MAX_PAYLOAD) : null,
          response: collected ? (response?.slice(0, MAX_PAYLOAD) ?? null) : null,
        },
        collected,
      );
    },
  };
}

function costOf(custom: CustomCost, tokensIn: number, tokensOut: number): number {
  if ("total_cost" in custom) return custom.total_cost;
  return tokensIn * (custom.per_token_in ?? 0) + tokensOut * (custom.per_token_out ?? 0);
}

function modelTypeOf(endpoint: string): string {
  return /(chat\/completions|messages|responses)$/.test(endpoint) ? "chat" : endpoint.replace(/^(v1|run)\//, "");
}

function requestModelOf({ query }: Step, model: string): string {
  return typeof query === "object" && query !== null && "model" in query && typeof query.model === "string"
    ? query.model
    : model;
}
