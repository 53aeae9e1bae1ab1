import type { Properties } from "../adapter.ts";
import { crud } from "./crud.ts";
import { accountPath, isObject, items, text } from "./properties.ts";

/** @see https://developers.cloudflare.com/api/resources/ai_gateway/ */
export const aiGateway = crud({
  collection: (properties) => `${accountPath(properties)}/ai-gateway/gateways`,
  identifier: "aiGatewayId",
  body: [
    "aiGatewayId",
    "authentication",
    "cacheInvalidateOnUpdate",
    "cacheTtl",
    "collectLogs",
    "dlp",
    "guardrails",
    "logManagement",
    "logManagementStrategy",
    "logpush",
    "logpushPublicKey",
    "otels",
    "rateLimitingInterval",
    "rateLimitingLimit",
    "rateLimitingTechnique",
    "retryBackoff",
    "retryDelay",
    "retryMaxAttempts",
    "spendLimits",
    "storeId",
    "stripe",
    "workersAiBillingMode",
    "zdr",
  ],
  complete: (inputs) => ({
    workersAiBillingMode: "postpaid",
    ...inputs,
    ...(isObject(inputs.spendLimits) && { spendLimits: completeLimits(inputs.spendLimits) }),
  }),
  names: {
    topLevel: { aiGatewayId: "id", otels: "otel" },
    renamed: { limitType: "limitType", aiGatewayProvider: "provider", checks: "check" },
    opaque: ["metadata", "headers"],
  },
  timestamps: ["createdAt", "modifiedAt"],
  importId: ["accountId", "aiGatewayId"],
  replaceOn: ["accountId", "aiGatewayId"],
  computed: ["createdAt", "isDefault", "modifiedAt"],
  changesOnUpdate: ["createdAt", "isDefault", "modifiedAt", "otels"],
  findByName: ({ client }, inputs) =>
    client.request(
      "GET",
      `${accountPath(inputs)}/ai-gateway/gateways/${encodeURIComponent(text(inputs, "aiGatewayId"))}`,
    ),
});

/** The defaults of the provider's plan; one constant id for every rule is its bug, so programs set their own. */
function completeLimits(limits: Properties): Properties {
  const rules = items(limits.rules).map((rule) => ({
    enabled: true,
    id: "6fb25042",
    technique: "sliding",
    ...rule,
  }));
  return { enabled: false, ...limits, ...(limits.rules !== undefined && { rules }) };
}
