import { timestamp } from "./core/clock.ts";
import type { BindingSummary, Overview } from "./core/overview.ts";
import type { Service, ServiceContext } from "./core/service.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { AccountStore } from "./services/accounts/index.ts";
import type { WorkersService } from "./services/workers/index.ts";

export interface OverviewOptions {
  readonly accounts: AccountStore;
  readonly workers: WorkersService;
  readonly services: readonly Service[];
  readonly runtime: Runtime;
  readonly ctx: ServiceContext;
}

/** Reads the cloud's contents for people. */
export function createOverview({ accounts, workers, services, runtime }: OverviewOptions): Overview {
  const { scripts } = workers;
  return {
    accounts: () => accounts.list().map(({ id, name, plan }) => ({ id, name, plan })),
    workers: (accountId) =>
      scripts.store.scripts(accountId).map((script) => {
        const version = scripts.current(script);
        return {
          script: script.name,
          url: script.port === null ? undefined : `http://127.0.0.1:${script.port}`,
          modifiedOn: timestamp(script.modifiedOn),
          handlers: [...(version?.handlers ?? [])],
          crons: scripts.store.schedules(accountId, script.name).map(({ cron }) => cron),
          bindings: (version?.settings.bindings ?? []).map(summarize),
        };
      }),
    resources: (accountId) => services.flatMap((service) => service.summaries?.(accountId) ?? []),
    runtime: (accountId) => (runtime.account(accountId).awake ? "running" : "sleeping"),
  };
}

/** Fields of a binding that name what it leads to. */
const TARGETS = [
  "namespace_id",
  "database_id",
  "id",
  "bucket_name",
  "queue_name",
  "index_name",
  "service",
  "class_name",
  "dataset",
];

function summarize(binding: { name: string; type: string; [field: string]: unknown }): BindingSummary {
  const target = TARGETS.map((field) => binding[field]).find((value) => typeof value === "string");
  return { name: binding.name, type: binding.type, ...(typeof target === "string" && { target }) };
}
