import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { Hono } from "hono";
import { onTestFinished } from "vitest";
import { createActivityLog } from "../../core/activity.ts";
import type { Clock } from "../../core/clock.ts";
import { createFaults, type Faults } from "../../core/faults.ts";
import { createIds } from "../../core/ids.ts";
import { PLANS } from "../../core/plan.ts";
import type { ServiceContext } from "../../core/service.ts";
import { Store } from "../../core/store.ts";
import { findModel } from "../../models/catalog.ts";
import { logId } from "./calls/log-id.ts";
import type { LogEntry } from "./gateway.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { localRoutes } from "./local-routes.ts";
import { createGatewayState, type GatewayStores } from "./state.ts";

export const account_id = "0123456789abcdef0123456789abcdef";
export const otherAccount = "f".repeat(32);

/** The smallest body of a gateway. */
export const minimal = {
  account_id,
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

/** The control plane of AI Gateway alone, behind the official client; calls are recorded by hand. */
export interface GatewayFixture {
  state: GatewayStores;
  readonly client: Cloudflare;
  readonly faults: Faults;
  readonly store: Store;
  /** Cloud time in ms, to be set. */
  readonly time: { now: number };
  /** Sends a request to the API below the account, or below `/_local/ai-gateway`. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly local: (path: string) => Promise<Response>;
  /** Records a call to the gateway `main`. Answers its id. */
  readonly call: (entry?: Partial<LogEntry>, logged?: boolean) => string;
  /** Forgets all memory, without writing it when `kill` is set, and reads what is on the disk. */
  readonly restart: (options?: { kill: boolean }) => void;
}

/** @param knows what models routes may name. */
export function gatewayFixture(
  knows = (provider: string, model: string) => provider === "workers-ai" && findModel(model) !== undefined,
): GatewayFixture {
  const directory = mkdtempSync(join(tmpdir(), "ai-gateway-"));
  const time = { now: Date.UTC(2026, 10, 1) };
  const clock: Clock = {
    now: () => time.now,
    offset: 0,
    advance(ms) {
      time.now += ms;
    },
    onMove: () => () => {},
  };
  const store = new Store(join(directory, "cloud.sqlite"));
  const ids = createIds();
  const activity = createActivityLog(() => time.now);
  const ctx: ServiceContext = { store, clock, ids, activity, directory, limits: () => PLANS.free };
  const faults = createFaults();
  const inference = { knows };
  const open = () => createGatewayState(ctx, { faults, inference });
  const api = () => new Hono().route("/accounts/:account_id/ai-gateway/gateways", gatewayRoutes(fixture.state));
  const client = new Cloudflare({
    apiToken: "x".repeat(40),
    baseURL: "http://cloud.test",
    maxRetries: 0,
    fetch: async (input, init) => api().request(input, init),
  });
  const fixture: GatewayFixture = {
    state: open(),
    client,
    faults,
    store,
    time,
    request: async (path, init) => api().request(`/accounts/${account_id}/ai-gateway/gateways${path}`, init),
    local: async (path) => localRoutes(ctx, fixture.state).request(path),
    call(entry = {}, logged) {
      const id = logId(time.now, ids.uuid());
      fixture.state.record({ ...call, id, createdAt: time.now, ...entry }, logged);
      return id;
    },
    restart({ kill } = { kill: false }) {
      if (!kill) fixture.state.close();
      fixture.state = open();
    },
  };
  onTestFinished(() => {
    fixture.state.close();
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return fixture;
}

const call: Omit<LogEntry, "id" | "createdAt"> = {
  accountId: account_id,
  gatewayId: "main",
  provider: "workers-ai",
  model: "@cf/meta/llama-3.1-8b-instruct-fast",
  modelType: "Text Generation",
  path: "compat/chat/completions",
  duration: 120,
  statusCode: 200,
  success: true,
  cached: false,
  tokensIn: 10,
  tokensOut: 20,
  cost: 0.001,
  customCost: false,
  metadata: null,
  step: 0,
  requestType: "",
  requestModel: "dynamic/chat",
  routePath: [{ element: "primary", type: "model", outcome: "success" }],
  request: '{"question":1}',
  response: '{"answer":2}',
};
