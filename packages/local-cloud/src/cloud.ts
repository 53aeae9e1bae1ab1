import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { createConsole } from "./console/index.ts";
import { type ActivityLog, createActivityLog, type RecordedActivity } from "./core/activity.ts";
import { checkpoints } from "./core/checkpoints.ts";
import { type Clock, createClock } from "./core/clock.ts";
import { createFaults } from "./core/faults.ts";
import { createIds, type Ids } from "./core/ids.ts";
import { isLoopbackHost } from "./core/loopback.ts";
import { PLANS } from "./core/plan.ts";
import { createSecretBox } from "./core/secret-box.ts";
import type { DataPlane, Service, ServiceContext } from "./core/service.ts";
import { Store } from "./core/store.ts";
import { readOrMakeToken } from "./core/token.ts";
import type { CountUsage } from "./core/usage.ts";
import { createLocalApi, createSessions } from "./local-api/index.ts";
import { createInference } from "./models/inference.ts";
import { createModels } from "./models/models.ts";
import type { InstalledModel } from "./models/smollm2/index.ts";
import { createOverview } from "./overview.ts";
import { publicHosts } from "./public-host.ts";
import { resetAccount } from "./reset.ts";
import { lockFolder } from "./runtime/folder-lock.ts";
import { closeServer } from "./runtime/inner-server.ts";
import { endOrphans } from "./runtime/orphans.ts";
import { Runtime } from "./runtime/runtime.ts";
import { type Account, AccountStore, accounts } from "./services/accounts/index.ts";
import { aiGateway } from "./services/ai-gateway/index.ts";
import { analyticsEngine } from "./services/analytics-engine/index.ts";
import { AssetsStore, assets } from "./services/assets/index.ts";
import { d1 } from "./services/d1/index.ts";
import { domains } from "./services/domains/index.ts";
import { kv } from "./services/kv/index.ts";
import { queues } from "./services/queues/index.ts";
import { r2 } from "./services/r2/index.ts";
import { notCounted, storedGigabytes, UsageCounts, usage } from "./services/usage/index.ts";
import { vectorize } from "./services/vectorize/index.ts";
import { refuseBinding, type WorkersService, workers } from "./services/workers/index.ts";
import { neuronAllowance, workersAi } from "./services/workers-ai/index.ts";

export interface CloudOptions {
  /** Everything the cloud keeps is in here. */
  directory: string;
  /** 0: any free one. @default 8787 */
  port?: number;
  clock?: Clock;
  ids?: Ids;
  /** Milliseconds until the workerd of an account that nobody uses stops. @default 300000 */
  idleAfter?: number;
  /**
   * Milliseconds that uploaded code may take to start before it is refused. Cloudflare counts CPU time (1 s); here it is
   * real time, on a machine that may be busy. @default 20,000
   */
  startupTimeout?: number;
  /** An OpenAI-compatible server that answers in place of the stand-in models. */
  upstreamUrl?: string;
  /** A small model on this machine that answers texts in place of the stand-in, see `findSmollm2`. */
  textModel?: InstalledModel;
  /** Milliseconds until a mutation of a Vectorize index is done. @default 500 */
  vectorizeDelay?: number;
  /** Milliseconds of wall time that a queue's consumer has for a batch. @default 900000 */
  queueConsumerLimit?: number;
  onActivity?: (activity: RecordedActivity) => void;
  /** The API token. @default the folder's own, made at the first start */
  token?: string;
  /** `host:port` of inner addresses that Workers may call, e.g. a test's server. */
  allowOutbound?: readonly string[];
}

/** A running local cloud. */
export interface Cloud {
  /** `http://127.0.0.1:8787` */
  readonly url: string;
  /** `http://127.0.0.1:8787/client/v4`: what Cloudflare's clients take as their base. */
  readonly apiUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly activity: ActivityLog;
  /** The account with this id, or without an id of this name. Made when it is not there. */
  account(options?: { id?: string; name?: string; plan?: "free" | "paid" }): {
    id: string;
    name: string;
    plan: "free" | "paid";
  };
  /** The stable address of a Worker. */
  workerUrl(accountId: string, script: string): string | undefined;
  /** A link to the console, good for one use. */
  consoleUrl(): string;
  /** Lets what is under way end, and leaves no process behind. */
  close(): Promise<void>;
}

/** The port of the cloud is taken. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
}

const DEFAULT_PORT = 8787;
const IDLE_AFTER = 5 * 60_000;
const STARTUP_TIMEOUT = 20_000;

/**
 * Starts a local cloud on a folder.
 *
 * @throws {FolderInUseError} when another cloud owns the folder.
 * @throws {PortInUseError} when the port is taken.
 * @throws {StoreError} when the folder's database is damaged.
 */
export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const cleanups: (() => Promise<void> | void)[] = [];
  const cleanUp = async () => {
    for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
  };
  try {
    return await startCloud(options, cleanups, cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function startCloud(
  options: CloudOptions,
  cleanups: (() => Promise<void> | void)[],
  cleanUp: () => Promise<void>,
): Promise<Cloud> {
  mkdirSync(options.directory, { recursive: true });
  const directory = realpathSync(options.directory);
  const lock = lockFolder(directory);
  cleanups.push(() => lock.release());
  await endOrphans(directory);
  const store = new Store(`${directory}/cloud.sqlite`);
  cleanups.push(() => store.close());
  const moving = checkpoints(store);
  cleanups.push(() => moving.close());
  const token = readOrMakeToken(directory, options.token);
  const clock = options.clock ?? keptClock(store);
  const activity = createActivityLog(() => clock.now());
  if (options.onActivity) activity.subscribe(options.onActivity);
  const ids = options.ids ?? createIds();
  const accountStore = new AccountStore({ store, clock, ids });
  const limits = (accountId: string) => PLANS[accountStore.get(accountId).plan];
  const usageCounts = new UsageCounts({ store, clock });
  // After the runtime, which counts until its end.
  cleanups.push(() => usageCounts.flush());
  // Many hands are between a binding's call and what counts it, and none of them needs to know the Worker.
  const caller = new AsyncLocalStorage<string>();
  const countUsage: CountUsage = (accountId, script, amounts) =>
    usageCounts.add(accountId, script || (caller.getStore() ?? ""), amounts);
  const ctx: ServiceContext = { store, clock, ids, activity, directory, limits, countUsage };
  const faults = createFaults();
  const secrets = createSecretBox(directory);
  const closing = new AbortController();
  let url = "";

  let service: (name: string) => Service | undefined = () => undefined;
  const runtime: Runtime = await Runtime.start({
    directory,
    clock,
    activity,
    idleAfter: options.idleAfter ?? IDLE_AFTER,
    startupTimeout: options.startupTimeout ?? STARTUP_TIMEOUT,
    allowOutbound: options.allowOutbound ?? [],
    source: (accountId) => ({
      workers: workersService.definitions(accountId),
      resources: services.flatMap(({ resources }) => resources?.(accountId) ?? []),
    }),
    handlers: {
      backend: (name, request, response) =>
        caller.run(String(request.headers["x-local-script"] ?? ""), () =>
          answerWith(service(name)?.backend, request, response),
        ),
      analytics: (accountId, points) => analyticsService.write(accountId, points),
      trace(...traced) {
        workersService.trace(...traced);
        queuesService.trace(...traced);
      },
      used(accountId, script, { "workers_logs.events": events = 0, ...amounts }) {
        const logged = workersService.observed(accountId, script);
        countUsage(accountId, script, { ...amounts, ...(logged && { "workers_logs.events": events }) });
      },
      host(hostname) {
        const publicHost = hosts.of(hostname);
        if (publicHost) return publicHost;
        const domain = domainsService.find(hostname);
        const door = domain && runtime.door(domain.accountId, domain.script);
        if (door) return (request, response) => door.handle(request, response);
        return hostname === "api.cloudflare.com"
          ? (request, response) => void apiListener(request, response)
          : undefined;
      },
    },
  });
  cleanups.push(() => runtime.close());

  const assetsStore = new AssetsStore(ctx, secrets.signingKey("assets"));
  const dataPlane: DataPlane = runtime;
  const domainsService = domains(
    ctx,
    (accountId, script) => workersService.scripts.store.script(accountId, script) !== undefined,
  );
  const workersService: WorkersService = workers(ctx, {
    secrets,
    assets: assetsStore,
    runtime,
    validate: (candidate) => runtime.validator.validate(candidate),
    resolve(accountId, binding) {
      const resolver = services.map(({ bindings }) => bindings?.[binding.type]).find((found) => found !== undefined);
      return resolver === undefined ? refuseBinding(binding) : resolver(accountId, binding);
    },
    domains: (accountId, script) => domainsService.of(accountId, script),
    dependents: (accountId, script) => [
      ...domainsService.of(accountId, script).map(({ hostname }) => `custom domain ${hostname}`),
      ...services.flatMap(({ dependents }) => dependents?.(accountId, script) ?? []),
    ],
    socketOrigin: () => url.replace("http:", "ws:"),
  });

  const models = createModels({
    faults,
    ...(options.upstreamUrl !== undefined && { upstreamUrl: options.upstreamUrl }),
    ...(options.textModel && { textModel: options.textModel }),
  });
  const allowance = neuronAllowance(ctx);
  const inference = createInference({ models, clock, allowance });
  cleanups.push(() => inference.close());
  const gatewayService = aiGateway(ctx, { faults, inference, token });

  const queuesService = queues(ctx, {
    faults,
    deliver: (...batch) => runtime.queue(...batch),
    handlers: (accountId, script) => workersService.handlers(accountId, script),
    producers: (accountId, queueName) => workersService.boundTo(accountId, "queue", { queue_name: queueName }),
    changed: (accountId) => dataPlane.changed(accountId),
    consumerLimit: options.queueConsumerLimit,
  });

  const analyticsService = analyticsEngine(ctx);

  const vectorizeService = vectorize(ctx, {
    faults,
    inference,
    changed: (accountId) => dataPlane.changed(accountId),
    delay: options.vectorizeDelay,
  });

  // The one list of services.
  const services: readonly Service[] = [
    accounts(ctx, accountStore),
    workersService,
    assets(assetsStore),
    domainsService,
    kv(ctx, dataPlane, faults),
    d1(ctx, dataPlane),
    r2(ctx, dataPlane),
    workersAi(ctx, { inference, allowance, gateway: gatewayService.binding, gatewayCalls: gatewayService.rest }),
    gatewayService,
    vectorizeService,
    queuesService,
    analyticsService,
    usage(usageCounts, {
      clock,
      plan: (accountId) => accountStore.get(accountId).plan,
      notCounted: (accountId) => notCounted(workersService.definitions(accountId)),
      collect: (accountId) => runtime.collectUsage(accountId),
      stored: async (accountId) => ({
        ...(await storedGigabytes(runtime.folder(accountId))),
        "vectorize.stored_dimensions": await vectorizeService.storedDimensions(accountId),
      }),
    }),
  ];
  service = (name) => services.find((one) => one.name === name);
  const hosts = publicHosts(services);
  for (const one of services.toReversed()) cleanups.push(() => one.close?.());

  const overview = createOverview({ accounts: accountStore, workers: workersService, services, runtime, ctx });
  const sessions = createSessions({ directory, origin: () => url });
  const app = createApp({
    token,
    services,
    hasAccount: (accountId) => void accountStore.get(accountId),
    console: createConsole({ sessions }),
    localApi: createLocalApi({
      token,
      sessions,
      activity,
      clock,
      faults,
      overview,
      services,
      origin: () => url,
      closing: closing.signal,
      makeAccount: (account) => describeAccount(accountStore.ensure(account)),
      async removeAccount(accountId) {
        accountStore.get(accountId);
        await resetAccount(accountId, { directory, store, runtime, workersService, services });
        accountStore.remove(accountId);
        activity.record({ type: "change", accountId, product: "cloud", action: "reset", resource: accountId });
      },
      async reset(accountId) {
        for (const { id } of accountStore.list())
          if (accountId === undefined || id === accountId)
            await resetAccount(id, { directory, store, runtime, workersService, services });
      },
    }),
  });
  const listener = getRequestListener(app.fetch);
  const apiListener = getRequestListener((request) =>
    app.fetch(new Request(request, { headers: asLoopback(request) })),
  );
  const mainListener = (request: IncomingMessage, response: ServerResponse) => {
    const host = request.headers.host ?? "";
    const publicHost = hosts.meantBy(request);
    if (publicHost) {
      publicHost(request, response);
      return;
    }
    const domain = isLoopbackHost(host) ? undefined : domainsService.find(host.replace(/:\d+$/, ""));
    const door = domain && runtime.door(domain.accountId, domain.script);
    if (door) door.handle(request, response);
    else void listener(request, response);
  };
  const server = createServer(mainListener);
  server.on("upgrade", (request, socket) => {
    if (!isLoopbackHost(request.headers.host) || !workersService.upgrade(request, socket))
      socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  server.requestTimeout = 0;
  // Node's own 5 s ends connections that a busy client is just about to use again.
  server.keepAliveTimeout = 60_000;
  cleanups.push(() => {
    closing.abort();
    return closeServer(server);
  });
  await listen(server, options.port ?? DEFAULT_PORT);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  lock.announce(url);
  await workersService.start();
  await queuesService.start();
  for (const { id } of accountStore.list()) runtime.account(id);

  return {
    url,
    apiUrl: `${url}/client/v4`,
    token,
    clock,
    activity,
    account({ id, name, plan } = {}) {
      return describeAccount(accountStore.ensure({ name: name ?? "local", ...(id && { id }), ...(plan && { plan }) }));
    },
    workerUrl(accountId, script) {
      const port = workersService.scripts.store.script(accountId, script)?.port;
      return port ? `http://127.0.0.1:${port}` : undefined;
    },
    consoleUrl: () => sessions.createLink(),
    close: cleanUp,
  };
}

function describeAccount({ id, name, plan }: Account) {
  return { id, name, plan };
}

/** A clock that is where it was when the cloud stopped: what was written in its future stays in its past. */
function keptClock(store: Store): Clock {
  store.define(
    "CREATE TABLE IF NOT EXISTS cloud_clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset INTEGER NOT NULL)",
  );
  const clock = createClock(Number(store.get("SELECT offset FROM cloud_clock")?.["offset"] ?? 0));
  clock.onMove((offset) => store.run("INSERT OR REPLACE INTO cloud_clock VALUES (1, ?)", Math.round(offset)));
  return clock;
}

/** A Worker that asks for `api.cloudflare.com` asks us, though not by our name. */
function asLoopback(request: Request): Headers {
  const headers = new Headers(request.headers);
  headers.set("host", "127.0.0.1");
  return headers;
}

const listeners = new WeakMap<Hono, ReturnType<typeof getRequestListener>>();

function answerWith(app: Hono | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (app === undefined) {
    response.writeHead(501).end("this product is not emulated by the local cloud\n");
    return;
  }
  const listener = listeners.get(app) ?? getRequestListener(app.fetch);
  listeners.set(app, listener);
  void listener(request, response);
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = `port ${port} is taken by another program. End it, or choose another port.`;
      reject(cause.code === "EADDRINUSE" ? new PortInUseError(taken, { cause }) : cause);
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

/** Whether a folder holds a cloud. */
export function hasCloud(directory: string): boolean {
  return existsSync(`${directory}/cloud.sqlite`);
}
