import { expect, it } from "vitest";
import { monthlyCap } from "../components/spend-cap.ts";
import { planned, said, stackOf } from "./fixtures.ts";
import { gatewayCap } from "./gateway-cap.ts";
import { TYPES } from "./rule.ts";

const verified = planned(TYPES.spendCap, "ai");
const gateway = (spendLimits?: object) => planned(TYPES.gateway, "ai", { ...(spendLimits && { spendLimits }) });
const limits = (usd: number) => ({ enabled: true, rules: [monthlyCap(usd)] });

it("takes a gateway whose cap is the budget, and verified", () => {
  expect(said(gatewayCap, [gateway(limits(10)), verified])).toEqual([]);
});

it.each<[string, object | undefined, string]>([
  ["none", undefined, "AiGateway ai has no spend limit"],
  ["one that is off", { ...limits(10), enabled: false }, "AiGateway ai has no spend limit"],
  ["a rule that is off", { enabled: true, rules: [{ ...monthlyCap(10), enabled: false }] }, "AiGateway ai has no"],
  ["one above the budget", limits(11), "AiGateway ai its lowest limit is $11, above the stack's budget of $10"],
])("refuses a gateway with %s", (_, spendLimits, reason) => {
  expect(said(gatewayCap, [gateway(spendLimits), verified])).toEqual([expect.stringContaining(reason)]);
});

it("refuses a cap that nothing reads back", () => {
  expect(said(gatewayCap, [gateway(limits(10))])).toEqual([expect.stringContaining("nothing verifies its cap")]);
});

it("knows the stack's own budget", () => {
  const stack = stackOf({ settings: { budget: { monthlyUsd: 1 } } });
  expect(said(gatewayCap, [gateway(limits(1)), verified], stack)).toEqual([]);
  expect(said(gatewayCap, [gateway(limits(10)), verified], stack)).toHaveLength(1);
});
