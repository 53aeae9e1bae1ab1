import { watchResources } from "./policy/enforce.ts";
import { rules } from "./policy/rules.ts";
import { readStack } from "./settings.ts";
import { makeSharedResources } from "./shared-resources.ts";
import { asyncPipeline } from "./templates/async-pipeline.ts";
import { edgeCache } from "./templates/edge-cache.ts";
import { eventAgent } from "./templates/event-agent.ts";
import { chooseTemplates, deployTemplates } from "./templates/template.ts";
import { valuationApp } from "./templates/valuation-app.ts";

const stack = readStack();
const chosen = chooseTemplates(stack, {
  "event-agent": eventAgent,
  "async-pipeline": asyncPipeline,
  "edge-cache": edgeCache,
  "valuation-app": valuationApp,
});
const policy = watchResources(stack, rules);
const shared = makeSharedResources(stack);

/** Of each deployed template: the script's name, its address where it is known, the first API key (secret). */
export const templates = deployTemplates(stack, chosen, shared);
policy.enforce();

/** The stack's AI Gateway, the name of its route, and its cap in US dollars for 30 days: verified to be on. */
export const aiGateway = {
  id: shared.gateway.gatewayId,
  route: shared.gateway.route,
  capUsd: shared.gateway.capUsd,
};

/** The D1 database that holds what the stack has spent and reserved. */
export const ledger = { databaseId: shared.ledgerDatabaseId };
