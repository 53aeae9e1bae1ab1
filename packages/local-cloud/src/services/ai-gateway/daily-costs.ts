import { dayOf } from "../../core/clock.ts";
import type { LogEntry } from "./gateway.ts";

/** Costs of one day and model. */
export interface DailyCost {
  /** `2026-11-21`, UTC. */
  readonly day: string;
  readonly gatewayId: string;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  /** Calls that the gateway's cache answered. */
  readonly cached: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars. */
  readonly cost: number;
}

/** Costs of one day and model in an account. */
export interface AccountCost extends DailyCost {
  readonly accountId: string;
}

type Sum = { -readonly [Name in keyof AccountCost]: AccountCost[Name] };

/** Adds calls up that are written together: many calls are of one day and model, and so one row. */
export class DailyCosts implements Iterable<AccountCost> {
  readonly #sums = new Map<string, Sum>();

  /** @param ended ms of the cloud's clock. */
  add({ accountId, gatewayId, provider, model, cached, tokensIn, tokensOut, cost }: LogEntry, ended: number): void {
    const day = dayOf(ended);
    const key = JSON.stringify([accountId, gatewayId, day, provider, model]);
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = { accountId, gatewayId, day, provider, model, calls: 0, cached: 0, tokensIn: 0, tokensOut: 0, cost: 0 };
      this.#sums.set(key, sum);
    }
    sum.calls += 1;
    sum.cached += Number(cached);
    sum.tokensIn += tokensIn;
    sum.tokensOut += tokensOut;
    sum.cost += cost;
  }

  [Symbol.iterator](): Iterator<AccountCost> {
    return this.#sums.values();
  }
}
