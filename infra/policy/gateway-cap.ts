import {
  type Finding,
  itemsOf,
  membersOf,
  ofType,
  type PlannedResource,
  type PolicyRule,
  TYPES,
  titleOf,
} from "./rule.ts";

/**
 * Every AI Gateway has a limit of what it may spend, no higher than the stack's budget, and the deployment verifies that
 * Cloudflare has taken it.
 */
export const gatewayCap: PolicyRule = {
  name: "gateway-cap",
  find(resources, { settings }) {
    const ceiling = settings.budget.monthlyUsd;
    const verified = ofType(resources, TYPES.spendCap).map(({ name }) => name);
    return ofType(resources, TYPES.gateway).flatMap((gateway): Finding[] => {
      const why = problemOf(gateway, ceiling);
      if (why !== undefined) return [finding(gateway, why)];
      return verified.includes(gateway.name)
        ? []
        : [finding(gateway, "nothing verifies its cap, which Cloudflare may ignore when it makes a gateway")];
    });
  },
};

function problemOf({ properties }: PlannedResource, ceiling: number): string | undefined {
  const limits = membersOf(properties["spendLimits"]);
  const rules = itemsOf(limits["rules"]).filter((rule) => rule["enabled"] === true);
  if (limits["enabled"] !== true || rules.length === 0) return "has no spend limit: its models could cost any amount";
  const lowest = Math.min(...rules.map((rule) => (typeof rule["limit"] === "number" ? rule["limit"] : Infinity)));
  if (lowest <= ceiling) return undefined;
  return `its lowest limit is $${lowest}, above the stack's budget of $${ceiling} a month`;
}

function finding(gateway: PlannedResource, why: string): Finding {
  const remedy = "make it with components/ai-gateway.ts, which sets budget.monthlyUsd as its cap and reads it back";
  return { where: titleOf(gateway), why, remedy };
}
