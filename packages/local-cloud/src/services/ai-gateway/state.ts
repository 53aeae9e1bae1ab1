import type { Faults } from "../../core/faults.ts";
import type { ServiceContext } from "../../core/service.ts";
import { WriteBehind } from "../../core/write-behind.ts";
import type { Inference } from "../../models/inference.ts";
import { DailyCosts } from "./daily-costs.ts";
import type { Gateway, GatewayState, LogEntry } from "./gateway.ts";
import { GatewayStore } from "./gateway-store.ts";
import { LogPatch } from "./log-patch.ts";
import { LogStore } from "./log-store.ts";
import { RateLimits } from "./rate-limit.ts";
import { RouteStore } from "./route-store.ts";
import { SpendCounters } from "./spend-counters.ts";

/** The state of the gateways, whole: what the data plane asks, and the stores that the API shows. */
export interface GatewayStores extends GatewayState {
  readonly gateways: GatewayStore;
  readonly routes: RouteStore;
  /** Every call so far is in them. */
  readonly logs: LogStore;
  readonly spend: SpendCounters;
  /** Removes a gateway with its routes, logs and counters. @throws {ApiError} 7002 */
  deleteGateway(accountId: string, id: string): Gateway;
  /** The account was emptied in the store: nothing of it stays in memory. */
  forget(accountId: string): void;
  /** Writes what waits. */
  close(): void;
}

/** A call that waits to be written. */
interface Recorded {
  readonly entry: LogEntry;
  readonly logged: boolean;
  /** Cloud time in ms. */
  readonly ended: number;
}

/** Between two looks for spend windows that are long over, in ms of the cloud's clock. */
const PRUNE_EVERY = 3_600_000;

/**
 * The state of all gateways. Logs and spend are written up to 25 ms after their calls, in one transaction, and before
 * anybody reads them.
 */
export function createGatewayState(
  ctx: ServiceContext,
  { faults, inference }: { faults: Pick<Faults, "take">; inference: Pick<Inference, "knows"> },
): GatewayStores {
  const gateways = new GatewayStore(ctx, faults);
  const routes = new RouteStore(ctx, inference);
  const logs = new LogStore(ctx);
  const spend = new SpendCounters(ctx);
  const rates = new RateLimits();
  let pruned = Number.NEGATIVE_INFINITY;
  const waiting = new WriteBehind<Recorded>("AI Gateway's logs", (records) => {
    try {
      ctx.store.quickTransaction(() => {
        const written = new Map<Gateway, string>();
        const costs = new DailyCosts();
        for (const { entry, logged, ended } of records) {
          const gateway = gateways.find(entry.accountId, entry.gatewayId);
          if (!gateway) continue;
          costs.add(entry, ended);
          if (!logged) continue;
          logs.add(entry, gateway);
          written.set(gateway, entry.accountId);
        }
        for (const cost of costs) logs.addCost(cost);
        for (const [gateway, accountId] of written) logs.trim(accountId, gateway);
        spend.write();
        if (Math.abs(ctx.clock.now() - pruned) > PRUNE_EVERY) {
          spend.prune();
          pruned = ctx.clock.now();
        }
      });
    } catch (error) {
      logs.forgetCounts();
      throw error;
    }
    spend.written();
  });
  const drop = (accountId: string, gatewayId?: string) => {
    waiting.drop(
      ({ entry }) => entry.accountId === accountId && (gatewayId === undefined || entry.gatewayId === gatewayId),
    );
    routes.forget(accountId, gatewayId);
    spend.forget(accountId, gatewayId);
    rates.forget(accountId, gatewayId);
    logs.forgetCounts();
  };

  return {
    gateways,
    routes,
    spend,
    get logs() {
      waiting.flush();
      return logs;
    },
    gateway: (accountId, id) => gateways.find(accountId, id),
    route: (accountId, gatewayId, name) => routes.active(accountId, gatewayId, name),
    record(entry, logged) {
      const gateway = gateways.find(entry.accountId, entry.gatewayId);
      if (!gateway) return;
      ctx.countUsage?.(entry.accountId, "", { "ai_gateway.requests": 1 });
      spend.add(gateway, entry.accountId, entry, entry.cost);
      waiting.add({ entry, logged: logged ?? gateway.collect_logs, ended: ctx.clock.now() });
    },
    exceeded: (gateway, accountId, call) => spend.exceeded(gateway, accountId, call),
    admit: (gateway, accountId) => rates.admit(gateway, accountId, ctx.clock.now()),
    log(accountId, gatewayId, id) {
      waiting.flush();
      return logs.find(accountId, gatewayId, id);
    },
    patchLog(accountId, gatewayId, id, patch) {
      waiting.flush();
      return logs.patch(accountId, gatewayId, id, LogPatch.parse(patch));
    },
    deleteGateway(accountId, id) {
      const gateway = gateways.delete(accountId, id);
      drop(accountId, id);
      return gateway;
    },
    forget(accountId) {
      gateways.forget(accountId);
      drop(accountId);
    },
    close: () => waiting.flush(),
  };
}
