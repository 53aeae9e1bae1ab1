// Deep imports: the package as a whole takes half a second to load.
import * as gateways from "@pulumi/cloudflare/aiGateway.js";
import { AiGatewayDynamicRouting } from "@pulumi/cloudflare/aiGatewayDynamicRouting.js";
import * as pulumi from "@pulumi/pulumi";
import type { GatewaySettings, Settings } from "@tenner/worker-kit/settings";
import { chatRoute } from "./chat-route.ts";
import { monthlyCap, SpendCap } from "./spend-cap.ts";

export interface AiGatewayArgs {
  readonly accountId: string;
  /** Unique in the account. */
  readonly gatewayId: string;
  readonly settings: Pick<Settings, "aiGateway" | "budget" | "limits" | "models">;
}

/** The stack's AI Gateway with its cap, verified, and the route by which Workers ask models. */
export class AiGateway extends pulumi.ComponentResource {
  /** The gateway, once its cap is on. */
  readonly gatewayId: pulumi.Output<string>;
  /** The route's name. */
  readonly route: pulumi.Output<string>;
  /** US dollars in 30 days. */
  readonly capUsd: number;
  /** What a Worker gets as `AI_GATEWAY`: JSON of `GatewaySettings`, known once cap and route are there. */
  readonly workerSettings: pulumi.Output<string>;

  constructor(name: string, args: AiGatewayArgs, options?: pulumi.ComponentResourceOptions) {
    // Before anything is registered: a wrong setting makes nothing.
    const cap = read(() => monthlyCap(args.settings.budget.monthlyUsd));
    const route = read(() => chatRoute(args.settings));
    super("tenner:index:AiGateway", name, {}, options);
    const { accountId, gatewayId } = args;
    const settings = gatewaySettings(args.settings);
    const gateway = new gateways.AiGateway(
      name,
      // The cap is here too: every update of a gateway replaces the whole.
      { accountId, aiGatewayId: gatewayId, ...settings, spendLimits: { enabled: true, rules: [cap] } },
      { parent: this },
    );
    const verified = new SpendCap(
      name,
      { accountId, gatewayId: gateway.aiGatewayId, rule: cap, gatewaySettings: settings },
      { parent: this },
    );
    const routing = new AiGatewayDynamicRouting(
      name,
      {
        accountId,
        gatewayId: verified.gatewayId,
        name: route.name,
        elements: route.elements.map((element) => ({ ...element })),
      },
      // Another route has another name, so it can stand beside the old one.
      { parent: this, deleteBeforeReplace: false },
    );
    this.gatewayId = verified.gatewayId;
    this.route = routing.name;
    this.capUsd = cap.limit;
    this.workerSettings = pulumi
      .all([verified.gatewayId, routing.name])
      .apply(([id, name]) => JSON.stringify({ id, route: name, models: route.models } satisfies GatewaySettings));
    this.registerOutputs({ gatewayId: this.gatewayId, route: this.route });
  }
}

/**
 * Every member said outright: what the API fills in would look like a change after a refresh. The gateway's own retries
 * are left off, because the route retries and the ledger reserves for the route's attempts only.
 */
function gatewaySettings({ aiGateway }: Pick<Settings, "aiGateway">) {
  return {
    // Dynamic routes want it; the Workers' AI binding is authenticated already.
    authentication: true,
    cacheInvalidateOnUpdate: false,
    cacheTtl: aiGateway.cacheTtlSeconds,
    collectLogs: aiGateway.collectLogs,
    logpush: false,
    rateLimitingInterval: 60,
    rateLimitingLimit: aiGateway.requestsPerMinute,
    rateLimitingTechnique: "sliding",
    // Left out of an update it would be taken off the gateway, and the providers' keys with it.
    ...(aiGateway.secretsStoreId !== undefined && { storeId: aiGateway.secretsStoreId }),
    workersAiBillingMode: "postpaid",
    zdr: false,
  };
}

/** @throws pulumi.RunError with the setting's path, which stops the preview */
function read<T>(part: () => T): T {
  try {
    return part();
  } catch (error) {
    if (error instanceof RangeError) throw new pulumi.RunError(`tenner:settings.${error.message}`);
    throw error;
  }
}
