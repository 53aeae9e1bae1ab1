import type * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";

/** A spend limit of an AI Gateway, as the API has it. */
export interface SpendRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly limitType: "cost";
  /** US dollars. */
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  readonly technique: "fixed" | "sliding";
}

export interface SpendCapArgs {
  readonly accountId: pulumi.Input<string>;
  readonly gatewayId: pulumi.Input<string>;
  readonly rule: SpendRule;
  /** The gateway's other settings: an update of them replaces the whole gateway, so the cap is verified anew. */
  readonly gatewaySettings: Readonly<Record<string, unknown>>;
}

/** Cloudflare's window for a month: a length of 30 days, not a calendar month. */
const THIRTY_DAYS_SECONDS = 2_592_000;

/**
 * The rule that caps what a gateway spends in 30 days. Its id names the amount, because Cloudflare's counters follow the
 * id: another amount is counted anew.
 * @param monthlyUsd US dollars, at least a billionth
 * @throws RangeError when it is less
 * @see https://developers.cloudflare.com/ai-gateway/features/spend-limits/
 */
export function monthlyCap(monthlyUsd: number): SpendRule {
  const amount = monthlyUsd.toFixed(9).replace(/\.?0+$/, "");
  if (!(Number(amount) > 0)) throw new RangeError(`budget.monthlyUsd: ${monthlyUsd} is not above zero`);
  return {
    id: `monthly-usd-${amount.replace(".", "-")}`,
    enabled: true,
    limitType: "cost",
    limit: Number(amount),
    window: THIRTY_DAYS_SECONDS,
    technique: "fixed",
  };
}

/**
 * A gateway's cap, verified. Cloudflare may ignore spend limits when it creates a gateway, so this reads the gateway,
 * sets the cap where it is not on exactly as declared, reads again, and fails the deployment when it still is not. On a
 * refresh a cap that somebody removed or changed is drift; deleting it leaves the gateway alone.
 */
export class SpendCap extends DynamicResource {
  /** The gateway, once its cap is on. */
  declare readonly gatewayId: pulumi.Output<string>;

  constructor(name: string, args: SpendCapArgs, options?: pulumi.CustomResourceOptions) {
    super(spendCapProvider, "SpendCap", name, { ...args }, options);
  }
}

interface Properties {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly rule: SpendRule;
  readonly gatewaySettings: Record<string, unknown>;
}

/** Travels as text: see `ProviderFactory`. */
export function spendCapProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  type Gateway = Record<string, unknown>;
  type Rule = Record<string, unknown> & { id?: string };

  let call: CallCloudflare | undefined;
  /** What the API answers of a gateway and does not take back. */
  const READ_ONLY = ["id", "account_id", "account_tag", "created_at", "internal_id", "is_default", "modified_at"];
  /** Milliseconds before each look at what was set. */
  const PAUSES = [0, 500, 1_500];

  async function request(
    method: string,
    { accountId, gatewayId }: Properties,
    json?: unknown,
  ): Promise<Gateway | undefined> {
    if (!call) throw new Error("the provider was not configured");
    const path = `/accounts/${accountId}/ai-gateway/gateways/${encodeURIComponent(gatewayId)}`;
    return (await call(method, path, json === undefined ? {} : { json })) as Gateway | undefined; // what the endpoint answers
  }

  function limitsOf(gateway: Gateway): { enabled: boolean; rules: Rule[] } {
    const limits = (gateway["spend_limits"] ?? {}) as { enabled?: boolean; rules?: Rule[] | null }; // what the endpoint answers
    return { enabled: limits.enabled === true, rules: limits.rules ?? [] };
  }

  /** Caps that this program makes, whatever their amount. */
  const isMonthlyCap = ({ id }: Rule) => id?.startsWith("monthly-usd-") === true;

  /** Without what is not said: `null` and an empty filter. */
  function saidOf(rule: Rule): Rule {
    const isSaid = (value: unknown) =>
      value !== null && value !== undefined && (typeof value !== "object" || Object.keys(value).length > 0);
    return Object.fromEntries(Object.entries(rule).filter(([, value]) => isSaid(value)));
  }

  function same(a: unknown, b: unknown): boolean {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
    const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>]; // objects, just checked
    const names = Object.keys(left);
    return names.length === Object.keys(right).length && names.every((name) => same(left[name], right[name]));
  }

  /** The cap as it stands there: the rule as declared exactly when it is on, alone of its kind and without a filter. */
  function observedRule(gateway: Gateway, rule: SpendRule): Rule {
    const { enabled, rules } = limitsOf(gateway);
    const caps = rules.filter(isMonthlyCap).map(saidOf);
    const other = caps.find((cap) => !same(cap, rule)) ?? caps[0] ?? { ...rule, enabled: false };
    return enabled ? other : { ...other, enabled: false };
  }

  async function verify(properties: Properties): Promise<void> {
    const { gatewayId, rule } = properties;
    const gateway = await request("GET", properties);
    if (!gateway) throw new Error(`AI Gateway ${gatewayId} is gone: run a refresh, then the update again`);
    if (same(observedRule(gateway, rule), rule)) return;

    const kept = Object.entries(gateway).filter(([name, value]) => value !== null && !READ_ONLY.includes(name));
    const others = limitsOf(gateway).rules.filter((one) => !isMonthlyCap(one));
    const limits = { enabled: true, rules: [...others.map(saidOf), rule] };
    await request("PUT", properties, { ...Object.fromEntries(kept), spend_limits: limits });

    let observed: Rule = { ...rule, enabled: false };
    for (const pause of PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      observed = observedRule((await request("GET", properties)) ?? {}, rule);
      if (same(observed, rule)) return;
    }
    const state = observed["enabled"] === true ? `Cloudflare has ${JSON.stringify(observed)}` : "it is off";
    throw new Error(
      `AI Gateway ${gatewayId}: the spend limit of $${rule.limit} in 30 days was set and is not in force (${state}). ` +
        "No Worker was deployed without it. Run the update again; if the limit stays off, set it in the dashboard " +
        `(AI > AI Gateway > ${gatewayId} > Settings) or ask Cloudflare`,
    );
  }

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    async diff(_id, olds: Properties, news: Properties) {
      const replaces = (["accountId", "gatewayId"] as const).filter((name) => olds[name] !== news[name]);
      const changes = !same(olds.rule, news.rule) || !same(olds.gatewaySettings, news.gatewaySettings);
      return { changes: changes || replaces.length > 0, replaces };
    },

    async create(inputs: Properties) {
      await verify(inputs);
      return { id: inputs.gatewayId, outs: inputs };
    },

    async update(_id, _olds, news: Properties) {
      await verify(news);
      return { outs: news };
    },

    async read(id, properties: Properties) {
      const gateway = await request("GET", properties);
      if (!gateway) return { id: "", props: {} };
      const observed = { ...properties, rule: observedRule(gateway, properties.rule) };
      return { id, props: observed, inputs: observed };
    },
  };
}
