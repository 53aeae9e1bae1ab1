import { settingsOf } from "@tenner/worker-kit/env-settings";
import { GatewaySettings } from "@tenner/worker-kit/settings";
import { PriceList } from "./domain/price-list.ts";
import tokenPrices from "./domain/token-prices.json" with { type: "json" };
import type { StackFacts } from "./drawings/stack-facts.ts";

const PRICES = PriceList.parse(tokenPrices);

/** Reads what the drawings say of this stack from what the Worker itself works with. */
export function readStackFacts(env: Env): StackFacts {
  const { valuation, models, budget } = settingsOf(env);
  const gateway = GatewaySettings.parse(env.AI_GATEWAY);
  return {
    gateway: gateway.id,
    route: gateway.route,
    models: gateway.models.map(({ model, attempts }) => ({ model, attempts })),
    imageModel: valuation.pictures ? models.image : null,
    monthlyUsd: budget.monthlyUsd,
    answerTtlSeconds: valuation.answerTtlSeconds,
    pictureTtlSeconds: valuation.pictureTtlSeconds,
    patienceMs: valuation.patienceMs,
    submissionsPerMinute: valuation.submissionsPerMinute,
    everyDays: valuation.reappraisal.budgetShare === 0 ? null : valuation.reappraisal.everyDays,
    budgetShare: valuation.reappraisal.budgetShare,
    providers: PRICES.providers.length,
    pricesOf: PRICES.takenOn,
  };
}
