import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Hono } from "hono";
import type { Candidate, Validation } from "../../core/code-check.ts";
import type { SecretBox } from "../../core/secret-box.ts";
import type { Service, ServiceContext } from "../../core/service.ts";
import type { TraceEvent } from "../../core/trace-event.ts";
import type { WorkerDefinition } from "../../core/worker-definition.ts";
import { betaRoutes } from "./beta-routes.ts";
import { Bindings, type ResolveBinding } from "./bindings.ts";
import { CronRunner, type RunScheduled } from "./cron-runner.ts";
import { objectRoutes } from "./object-routes.ts";
import { scheduleRoutes } from "./schedule-routes.ts";
import { scriptRoutes } from "./script-routes.ts";
import { Scripts, type UploadedAssets, type WorkersRuntime } from "./scripts.ts";
import { secretRoutes } from "./secret-routes.ts";
import { WorkersStore } from "./store.ts";
import { Tails } from "./tails.ts";
import { recordTrace } from "./trace-log.ts";
import { versionFigureRoutes } from "./version-figure-routes.ts";
import { versionRoutes } from "./version-routes.ts";

export { refuseBinding } from "./bindings.ts";
export { PortTakenError } from "./scripts.ts";

/** What Workers need of the rest of the cloud. */
export interface WorkersOptions {
  readonly secrets: SecretBox;
  readonly assets: UploadedAssets;
  readonly resolve: ResolveBinding;
  readonly runtime: WorkersRuntime & {
    scheduled: RunScheduled;
    awake(accountId: string): boolean;
    tail(accountId: string, script: string, on: boolean): void;
  };
  validate(candidate: Candidate): Promise<Validation>;
  dependents(accountId: string, script: string): string[];
  domains(accountId: string, script: string): { id: string; hostname: string }[];
  /** `ws://127.0.0.1:port` of the cloud. */
  socketOrigin(): string;
}

/** The service, and what the runtime and the cloud ask of it. */
export interface WorkersService extends Service {
  readonly scripts: Scripts;
  definitions(accountId: string): WorkerDefinition[];
  /** Opens the Workers' addresses and begins to fire crons. */
  start(): Promise<void>;
  trace(accountId: string, script: string, events: readonly TraceEvent[]): void;
  /** Takes the WebSocket of a tail. Answers false when it is none. */
  upgrade(request: IncomingMessage, socket: Duplex): boolean;
  /** Whether Workers Logs keeps what a script logs. */
  observed(accountId: string, script: string): boolean;
  /** The handlers of a script's newest version, e.g. `queue`. Undefined when there is no such script. */
  handlers(accountId: string, script: string): readonly string[] | undefined;
  /** Scripts that run with a binding of this type and these fields. */
  boundTo(accountId: string, type: string, fields: Readonly<Record<string, unknown>>): string[];
  /** Crons were changed from outside, e.g. by a reset. */
  schedulesChanged(): void;
}

/** Workers: scripts, versions, deployments, secrets, crons, tails. */
export function workers(ctx: ServiceContext, options: WorkersOptions): WorkersService {
  const store = new WorkersStore(ctx);
  const bindings = new Bindings({ store, secrets: options.secrets, resolve: options.resolve });
  const scripts = new Scripts({ ctx, store, bindings, ...options });
  const tails = new Tails({
    ctx,
    scripts,
    watch: (accountId, script, on) => options.runtime.tail(accountId, script, on),
    origin: () => options.socketOrigin(),
  });
  let crons: CronRunner | undefined;
  const limits = (accountId: string) => ctx.limits(accountId);
  const modulesOf = (accountId: string, script: string) => {
    const found = store.script(accountId, script);
    const version = found && scripts.current(found);
    return version ? store.modules(version.id) : [];
  };
  const routes = new Hono();
  routes.route("/workers", scriptRoutes(scripts, limits));
  routes.route("/workers", versionRoutes(scripts, limits));
  routes.route("/workers", secretRoutes(scripts));
  routes.route(
    "/workers",
    scheduleRoutes(ctx, scripts, () => crons?.check()),
  );
  routes.route("/workers", tails.routes);
  routes.route("/workers", betaRoutes(scripts, limits));
  routes.route("/workers", objectRoutes(store, options.runtime));
  return {
    name: "workers",
    routes,
    localRoutes: versionFigureRoutes(scripts),
    scripts,
    definitions: (accountId) => scripts.definitions(accountId),
    async start() {
      await scripts.openDoors();
      crons = new CronRunner(ctx, store, {
        run: (...run) => options.runtime.scheduled(...run),
        awake: (accountId) => options.runtime.awake(accountId),
      });
    },
    trace(accountId, script, events) {
      recordTrace(ctx.activity, modulesOf, accountId, script, events);
      tails.publish(accountId, script, events);
    },
    observed: (accountId, script) => store.script(accountId, script)?.settings.observability?.["enabled"] === true,
    handlers: (accountId, script) =>
      store.script(accountId, script) && (store.latestVersion(accountId, script)?.handlers ?? []),
    boundTo: (accountId, type, fields) =>
      store
        .scripts(accountId)
        .filter((script) =>
          scripts
            .current(script)
            ?.settings.bindings.some(
              (binding) =>
                binding.type === type && Object.entries(fields).every(([name, value]) => binding[name] === value),
            ),
        )
        .map(({ name }) => name),
    upgrade: (request, socket) => tails.upgrade(request, socket),
    schedulesChanged: () => crons?.check(),
    async close() {
      tails.close();
      await crons?.close();
    },
  };
}
