import { timestamp } from "../../core/clock.ts";
import type { Faults } from "../../core/faults.ts";
import type { ServiceContext } from "../../core/service.ts";
import { gatewayExists, gatewayNotFound, tooManyGateways } from "./errors.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewaySettings, NewGateway } from "./gateway-body.ts";
import type { SpendLimitsBody } from "./spend-rule.ts";

/** The gateways of all accounts. Read at every call, so they are in memory; written through to the store. */
export class GatewayStore {
  readonly #ctx: ServiceContext;
  readonly #faults: Pick<Faults, "take">;
  readonly #accounts = new Map<string, Map<string, Gateway>>();

  constructor(ctx: ServiceContext, faults: Pick<Faults, "take">) {
    this.#ctx = ctx;
    this.#faults = faults;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS ai_gateways (
      account_id TEXT NOT NULL, id TEXT NOT NULL, gateway TEXT NOT NULL, PRIMARY KEY (account_id, id)
    ) STRICT`);
    for (const row of ctx.store.all("SELECT account_id, gateway FROM ai_gateways"))
      this.#keep(String(row["account_id"]), JSON.parse(String(row["gateway"])) as Gateway);
  }

  /** By id. */
  list(accountId: string, search = ""): Gateway[] {
    const all = [...(this.#accounts.get(accountId)?.values() ?? [])];
    return all.filter(({ id }) => id.includes(search)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  find(accountId: string, id: string): Gateway | undefined {
    return this.#accounts.get(accountId)?.get(id);
  }

  /** @throws {ApiError} 7002 */
  get(accountId: string, id: string): Gateway {
    const gateway = this.find(accountId, id);
    if (!gateway) throw gatewayNotFound(id);
    return gateway;
  }

  /** @throws {ApiError} when the id is taken, or the plan has no more. */
  create(accountId: string, { id, ...settings }: NewGateway): Gateway {
    if (this.find(accountId, id)) throw gatewayExists(id);
    const limit = this.#ctx.limits(accountId).aiGateways;
    if (this.list(accountId).length >= limit) throw tooManyGateways(limit);
    const now = timestamp(this.#ctx.clock.now());
    const limits = this.#limits(id, settings.spend_limits, null);
    return this.#save(accountId, "create", {
      ...settings,
      id,
      spend_limits: limits,
      created_at: now,
      modified_at: now,
      is_default: false,
    });
  }

  /** Replaces all settings. @throws {ApiError} 7002 */
  replace(accountId: string, id: string, settings: GatewaySettings): Gateway {
    const { created_at, is_default, spend_limits } = this.get(accountId, id);
    return this.#save(accountId, "update", {
      ...settings,
      id,
      spend_limits: this.#limits(id, settings.spend_limits, spend_limits),
      created_at,
      modified_at: timestamp(this.#ctx.clock.now()),
      is_default,
    });
  }

  /** Removes a gateway; what the store keeps of it goes with its row. @throws {ApiError} 7002 */
  delete(accountId: string, id: string): Gateway {
    const gateway = this.get(accountId, id);
    this.#ctx.store.run("DELETE FROM ai_gateways WHERE account_id = ? AND id = ?", accountId, id);
    this.#accounts.get(accountId)?.delete(id);
    this.#changed(accountId, "delete", id);
    return gateway;
  }

  /** The account was emptied. */
  forget(accountId: string): void {
    this.#accounts.delete(accountId);
  }

  /** Cloudflare has been seen to ignore the limits without a word; the fault `ignore-cap` does so on purpose. */
  #limits(
    id: string,
    wanted: SpendLimitsBody | null | undefined,
    before: Gateway["spend_limits"],
  ): Gateway["spend_limits"] {
    if (!wanted) return null;
    if (this.#faults.take("ai-gateway", id, ["ignore-cap"])) return before;
    const rules = wanted.rules.map((rule) => ({ ...rule, id: rule.id ?? this.#ctx.ids.hex().slice(0, 8) }));
    return { enabled: wanted.enabled, rules };
  }

  #save(accountId: string, action: string, gateway: Gateway): Gateway {
    this.#ctx.store.run(
      `INSERT INTO ai_gateways (account_id, id, gateway) VALUES (?, ?, ?)
       ON CONFLICT (account_id, id) DO UPDATE SET gateway = excluded.gateway`,
      accountId,
      gateway.id,
      JSON.stringify(gateway),
    );
    this.#keep(accountId, gateway);
    this.#changed(accountId, action, gateway.id);
    return gateway;
  }

  #keep(accountId: string, gateway: Gateway): void {
    const gateways = this.#accounts.get(accountId) ?? new Map<string, Gateway>();
    this.#accounts.set(accountId, gateways.set(gateway.id, gateway));
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.#ctx.activity.record({ type: "change", accountId, product: "ai-gateway", action, resource });
  }
}
